# shellcheck shell=sh
# What demo, test, bench and compare-psql share: making sure that a Rust toolchain, a C compiler and
# a PostgreSQL server's programs are there. It is sourced, not run, and it
# prints nothing when nothing is missing. Whoever calls set_up has put the
# project's directory into $root.
#
# Everything it says goes to standard error, so that standard output holds only
# what the started program prints.

say() {
    printf 'contend: %s\n' "$*" >&2
}

# Exit status 4 means: something that this script cannot install is missing.
give_up() {
    say "$*"
    exit 4
}

# CONTEND_SETUP=dry-run: say which commands would run, run none, and stop.
case ${CONTEND_SETUP:-} in
'' | dry-run) ;;
*)
    say "CONTEND_SETUP is '$CONTEND_SETUP': set it to dry-run, or not at all"
    exit 2
    ;;
esac

is_dry_run() {
    [ "${CONTEND_SETUP:-}" = dry-run ]
}

# Whatever changes the machine is run by this, or as root by as_root.
run() {
    if is_dry_run; then
        say "would run: $*"
    else
        "$@"
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        run "$@"
    else
        run sudo "$@"
    fi
}

# ---- What is there ---------------------------------------------------------

find_cargo() {
    command -v cargo >/dev/null && return
    # rustup puts cargo here, and a shell that was open at the time does not
    # have the directory on its PATH yet.
    cargo_bin=${CARGO_HOME:-${HOME:-}/.cargo}/bin
    if [ -x "$cargo_bin/cargo" ]; then
        PATH=$cargo_bin:$PATH
        export PATH
        return
    fi
    give_up 'Rust is needed (cargo was not found): install it as https://rustup.rs says, then run this again'
}

is_macos() {
    [ "$(uname -s)" = Darwin ]
}

# Finding `cc` is not enough: without the C library's headers and start files
# (a package of its own on some systems) nothing can be linked, Rust included.
have_cc() {
    cc_path=$(command -v cc) || return 1
    # Without Apple's tools, macOS's own cc only opens a window that offers them.
    if [ "$cc_path" = /usr/bin/cc ] && is_macos && ! xcode-select -p >/dev/null 2>&1; then
        return 1
    fi
    cc_try=$(mktemp -d) || return 1
    printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' >"$cc_try/try.c"
    cc_status=0
    cc -o "$cc_try/try" "$cc_try/try.c" >/dev/null 2>&1 || cc_status=1
    rm -rf "$cc_try"
    return "$cc_status"
}

# A client-only installation has some of PostgreSQL's programs too, so look for
# exactly the two that it takes to make and run a server.
is_server_dir() {
    [ -x "$1/initdb" ] && [ -x "$1/postgres" ]
}

# Most systems keep these programs off the PATH, one directory a version. The
# places are those where contend itself looks: src/db/local/places.rs.
usual_places() {
    printf '%s\n' \
        /usr/lib/postgresql/*/bin \
        /usr/pgsql-*/bin \
        /usr/lib/postgresql*/bin \
        /usr/lib64/postgresql-*/bin \
        /usr/libexec/postgresql* \
        /opt/homebrew/opt/postgresql*/bin \
        /usr/local/opt/postgresql*/bin \
        /home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
        /opt/local/lib/postgresql*/bin \
        /Applications/Postgres.app/Contents/Versions/*/bin \
        /Library/PostgreSQL/*/bin \
        /usr/local/pgsql*/bin
}

have_postgres() {
    command -v initdb >/dev/null && command -v postgres >/dev/null && return
    # pg_config can be there and fail, as where only its wrapper is installed.
    if pg_bin=$(pg_config --bindir 2>/dev/null) && is_server_dir "$pg_bin"; then
        return
    fi
    for pg_bin in $(usual_places); do
        if is_server_dir "$pg_bin"; then
            return
        fi
    done
    return 1
}

have_cockroach() {
    command -v cockroach >/dev/null
}

# ---- Installing what is missing --------------------------------------------

# Given what is missing: `cc`, `postgres` or both. Each package manager has a
# file in packages/ that defines install_packages, which is given the same. It
# says what it is about to run and runs it, and it returns non-zero where that
# failed. It must neither start a PostgreSQL server nor leave a database behind:
# contend runs throw-away servers of its own.
install_missing() {
    for manager in apt-get dnf apk brew; do
        if command -v "$manager" >/dev/null; then
            # shellcheck disable=SC1090 # one of the four files there
            . "${root:?}/scripts/packages/${manager%-get}.sh"
            install_packages "$@"
            return
        fi
    done
    give_up "missing: $missing; there is no apt-get, dnf, apk or brew to install it with, so install by hand, then run this again"
}

# about_to_run COMMAND: the line before anything is installed.
about_to_run() {
    say "missing: $missing; about to run: $*"
    case $missing in
    *PostgreSQL*) say 'this starts no PostgreSQL server and leaves no database behind' ;;
    esac
}

# $1: the command that has to run as root, for the message.
need_root() {
    [ "$(id -u)" -eq 0 ] && return
    command -v sudo >/dev/null ||
        give_up "missing: $missing, and there is no sudo to install it with; as root, run: $1"
    # Asked for once here, so that a refusal is not met again at every step.
    as_root true ||
        give_up "missing: $missing, and sudo did not work; as root, run: $1"
}

# install_as_root COMMAND...: the whole of it, where one command does. Standard
# input is closed to it because nobody may be there to answer.
install_as_root() {
    need_root "$*"
    about_to_run "$*"
    as_root "$@" </dev/null >&2
}

# ---- The entry -------------------------------------------------------------

# set_up SERVER...: makes sure of Rust, a C compiler and one of the servers
# named, `postgres` or `cockroach`. Where none of them is there, PostgreSQL is
# the one that gets installed.
set_up() {
    # First, because it is never installed from here, and without it the rest
    # would be installed for nothing.
    find_cargo

    for server in "$@"; do
        if "have_$server"; then
            server=
            break
        fi
    done
    # From here on, the arguments are what is missing.
    set --
    missing=
    if ! have_cc; then
        set -- cc
        missing='a working C compiler (cc)'
    fi
    if [ -n "$server" ]; then
        set -- "$@" postgres
        missing="${missing:+$missing, }a PostgreSQL server's programs (initdb, postgres)"
    fi
    if [ $# -gt 0 ]; then
        make_up_for "$@"
    elif is_dry_run; then
        say 'nothing is missing'
    fi
    if is_dry_run; then
        say 'nothing was installed: this was a dry run (CONTEND_SETUP=dry-run)'
        exit 0
    fi
}

make_up_for() {
    if [ "$1" = cc ] && is_macos; then
        give_up "missing: $missing; for the compiler, run: xcode-select --install (it opens a window), then run this again"
    fi

    install_missing "$@" ||
        give_up "missing: $missing; the installation failed, so install by hand, then run this again"

    # A package manager that is content has not always put things where they
    # are looked for.
    for need in "$@"; do
        is_dry_run || "have_$need" ||
            give_up "still missing after the installation: $missing; install by hand, then run this again"
    done
}
