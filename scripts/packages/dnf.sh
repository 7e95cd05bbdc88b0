# shellcheck shell=sh
# How is it installed on Fedora, RHEL and their kin? Sourced by setup.sh.
#
# The server package neither starts its service nor makes a database: both are
# left to the administrator (postgresql-setup --initdb, systemctl start).

install_packages() {
    dnf_packages=
    for dnf_need in "$@"; do
        case $dnf_need in
        # It brings the C library's headers.
        cc) dnf_packages="$dnf_packages gcc" ;;
        postgres) dnf_packages="$dnf_packages postgresql-server" ;;
        esac
    done
    # Unquoted: one word a package. dnf waits by itself for another one's lock.
    # shellcheck disable=SC2086
    install_as_root dnf install -y --setopt=install_weak_deps=False $dnf_packages
}
