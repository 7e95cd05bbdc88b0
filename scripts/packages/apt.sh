# shellcheck shell=sh
# How is it installed on Debian, Ubuntu and their kin? Sourced by setup.sh.

install_packages() {
    apt_packages=
    for apt_need in "$@"; do
        case $apt_need in
        cc) apt_packages="$apt_packages gcc libc6-dev" ;;
        postgres) apt_packages="$apt_packages postgresql" ;;
        esac
    done
    apt_command="apt-get install --no-install-recommends$apt_packages"
    need_root "$apt_command"
    about_to_run "$apt_command (after apt-get update)"

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
    *' postgres '*) apt_forbid_main_cluster || return 1 ;;
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
# Remembered, so that only what was made here is removed again.
apt_made_dirs=
apt_made_drop_in=

apt_forbid_main_cluster() {
    for apt_dir in "$apt_conf_dir" "$apt_drop_in_dir"; do
        if [ ! -d "$apt_dir" ]; then
            as_root mkdir -m 755 "$apt_dir" || return 1
            # The innermost comes first, as it has to when they are removed.
            apt_made_dirs="$apt_dir $apt_made_dirs"
        fi
    done
    apt_made_drop_in=yes
    printf '%s\n' \
        '# For the time of one installation; if it is still here later, delete it.' \
        'create_main_cluster = false' |
        as_root tee "$apt_drop_in" >/dev/null
}

apt_allow_main_cluster() {
    if [ -n "$apt_made_drop_in" ]; then
        as_root rm -f "$apt_drop_in"
    fi
    for apt_dir in $apt_made_dirs; do
        # The package may have put files of its own there.
        as_root rmdir --ignore-fail-on-non-empty "$apt_dir" || :
    done
    apt_made_drop_in=
    apt_made_dirs=
}
