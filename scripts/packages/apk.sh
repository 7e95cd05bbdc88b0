# shellcheck shell=sh
# How is it installed on Alpine? Sourced by setup.sh.
#
# The server's packages have their version in the name, such as postgresql17;
# each provides `postgresql`, and apk takes the newest. Its programs are in
# /usr/libexec/postgresql17. The package starts no service, and the database is
# only made when the service starts for the first time.

install_packages() {
    apk_packages=
    for apk_need in "$@"; do
        case $apk_need in
        cc) apk_packages="$apk_packages gcc musl-dev" ;;
        postgres) apk_packages="$apk_packages postgresql" ;;
        esac
    done
    # A fresh machine or container has no package list, hence --update-cache;
    # --wait, in seconds, is for another apk's lock.
    # Unquoted: one word a package.
    # shellcheck disable=SC2086
    install_as_root apk add --update-cache --wait 300 $apk_packages
}
