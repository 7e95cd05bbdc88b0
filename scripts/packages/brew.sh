# shellcheck shell=sh
# How is it installed with Homebrew, on macOS and Linux? Sourced by setup.sh.
#
# Homebrew starts no service unless told to (brew services start), but it makes
# a database cluster when the package is new. That one is removed again.

install_packages() {
    # Homebrew's own compiler is not called cc.
    # shellcheck disable=SC2154 # set by set_up
    [ "$1" = cc ] &&
        give_up "missing: $missing; Homebrew has no cc, so install the system's own compiler by hand, then run this again"

    brew_formula=postgresql@17
    brew_command="brew install $brew_formula"
    [ "$(id -u)" -ne 0 ] ||
        give_up "missing: $missing, and Homebrew refuses to run as root; as an ordinary user, run: $brew_command"
    about_to_run "$brew_command"

    brew_cluster=$(brew --prefix)/var/$brew_formula || return 1
    brew_had_cluster=
    [ ! -e "$brew_cluster" ] || brew_had_cluster=yes

    # Since version 6 Homebrew asks before it installs, and where nobody can
    # answer it installs nothing and is content.
    brew_status=0
    run env HOMEBREW_NO_ASK=1 brew install "$brew_formula" </dev/null >&2 || brew_status=$?
    if [ -z "$brew_had_cluster" ]; then
        say "the database cluster that Homebrew makes in $brew_cluster is removed again (brew postinstall $brew_formula makes one)"
        run rm -rf "$brew_cluster"
    fi
    return "$brew_status"
}
