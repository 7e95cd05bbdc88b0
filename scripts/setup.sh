# shellcheck shell=sh
# What demo and test share: making sure that a Rust toolchain, a C compiler and
# a PostgreSQL server's programs are there. It is sourced, not run, and it
# prints nothing when nothing is missing.
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

# Finding `cc` is not enough: without the C library's headers and start files
# (a package of its own on some systems) nothing can be linked, Rust included.
have_cc() {
    command -v cc >/dev/null || return 1
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

have_postgres() {
    command -v initdb >/dev/null && command -v postgres >/dev/null && return
    # pg_config can be there and fail, as where only its wrapper is installed.
    if pg_bin=$(pg_config --bindir 2>/dev/null) && is_server_dir "$pg_bin"; then
        return
    fi
    # Most systems keep these programs off the PATH, one directory a version.
    for pg_bin in \
        /usr/lib/postgresql/*/bin \
        /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql@*/bin \
        /usr/local/opt/postgresql@*/bin \
        /Applications/Postgres.app/Contents/Versions/*/bin; do
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

# A package manager's function is given what is missing: `cc`, `postgres` or
# both. It says what it is about to run and runs it, and it returns non-zero
# where that failed. It must neither start a PostgreSQL server nor leave a
# database behind: contend runs throw-away servers of its own.
install_missing() {
    if command -v apt-get >/dev/null; then
        install_with_apt "$@"
    else
        return 1
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
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

install_with_apt() {
    apt_packages=
    for apt_need in "$@"; do
        case $apt_need in
        cc) apt_packages="$apt_packages gcc libc6-dev" ;;
        postgres) apt_packages="$apt_packages postgresql" ;;
        esac
    done
    apt_command="apt-get install --no-install-recommends$apt_packages"
    need_root "$apt_command"
    say "missing: $missing; about to run, after apt-get update: $apt_command"

    # Undone again below: the program that takes this shell's place must get
    # its signals as they are.
    trap 'apt_allow_main_cluster' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    apt_status=0
    apt_update_and_install "$@" || apt_status=$?
    apt_allow_main_cluster
    trap - EXIT HUP INT TERM
    return "$apt_status"
}

apt_update_and_install() {
    case " $* " in
    *' postgres '*)
        say 'this starts no PostgreSQL server and creates no database'
        apt_forbid_main_cluster || return 1
        ;;
    esac
    # A package list that cannot be fetched is no reason to stop: what is needed
    # may be in the others, or in lists that are there already.
    apt_get update || say 'apt-get update failed; trying to install all the same'
    # Unquoted: one word a package.
    # shellcheck disable=SC2086
    apt_get install -y --no-install-recommends $apt_packages
}

# Standard input is closed to apt-get because nobody may be there to answer, and
# a fresh machine's automatic updates may hold the lock, so wait for it.
apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

# Debian's server package creates a cluster named "main" and starts it as soon
# as it is configured, unless this setting, read at that moment, says not to.
# It is there for the time of the installation only, so that it does not
# surprise whoever installs another PostgreSQL version later.
apt_conf_dir=/etc/postgresql-common
apt_drop_in_dir=$apt_conf_dir/createcluster.d
# The files there are read in order, and the last one wins.
apt_drop_in=$apt_drop_in_dir/zz-contend-setup.conf
# Remembered, so that only directories made here are removed again.
apt_made_dirs=

apt_forbid_main_cluster() {
    for apt_dir in "$apt_conf_dir" "$apt_drop_in_dir"; do
        if [ ! -d "$apt_dir" ]; then
            as_root mkdir -m 755 "$apt_dir" || return 1
            # The innermost comes first, as it has to when they are removed.
            apt_made_dirs="$apt_dir $apt_made_dirs"
        fi
    done
    printf '%s\n' \
        '# For the time of one installation; if it is still here later, delete it.' \
        'create_main_cluster = false' |
        as_root tee "$apt_drop_in" >/dev/null
}

apt_allow_main_cluster() {
    if [ -f "$apt_drop_in" ]; then
        as_root rm -f "$apt_drop_in"
    fi
    for apt_dir in $apt_made_dirs; do
        # Fails where the package has put files of its own there, as it should.
        as_root rmdir "$apt_dir" 2>/dev/null || :
    done
    apt_made_dirs=
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
    [ $# -gt 0 ] || return 0

    install_missing "$@" ||
        give_up "missing: $missing; could not be installed from here, so install by hand, then run this again"

    # A package manager that is content has not always put things where they
    # are looked for.
    for need in "$@"; do
        "have_$need" ||
            give_up "still missing after the installation: $missing; install by hand, then run this again"
    done
}
