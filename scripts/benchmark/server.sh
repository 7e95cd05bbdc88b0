# shellcheck shell=bash disable=SC2034,SC2154 # sourced by scripts/bench, with which variables are shared
# The throw-away PostgreSQL of scripts/bench: contend's own keeper (src/db/local/keeper.sh) runs it. When the pipe on its
# stdin closes, however this script came to its end, the keeper stops the server and removes the directory.

# Settings beyond those of contend's own throw-away server are for steadiness: nobody vacuums or makes a checkpoint in the
# middle of a run, which happens between the runs instead, and the connections of every row fit.
settings=(
    fsync=off full_page_writes=off synchronous_commit=on jit=off log_min_messages=log log_line_prefix=
    max_connections=1100 autovacuum=off checkpoint_timeout=1h max_wal_size=2GB
)
# Shell text for the keeper, the same as in src/db/local/postgres.rs.
# shellcheck disable=SC2016 # expanded by the keeper
steps='phase TERM 10 "$1" --pgdata="$dir/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync &&
shift && phase QUIT 10 "$@"'
server_dir=''

# find_programs: the directory of the server's programs, pgbench among them. Debian's commands on the PATH are wrappers whose
# start costs more CPU than a run.
find_programs() {
    have_postgres || give_up 'the programs of a PostgreSQL server were not found'
    if [ -z "${pg_bin:-}" ]; then
        pg_bin=$(dirname -- "$(command -v initdb)")
    fi
    pgbench=$pg_bin/pgbench psql=$pg_bin/psql
    [ -x "$pgbench" ] || pgbench=$(command -v pgbench) || give_up 'pgbench is needed; it comes with PostgreSQL'
    [ -x "$psql" ] || psql=$(command -v psql) || give_up 'psql is needed; it comes with PostgreSQL'
}

# as_server COMMAND...: by somebody else than root, whom PostgreSQL refuses.
as_server() {
    if [ "$(id -u)" -ne 0 ]; then
        exec "$@"
    fi
    local user=postgres
    id -u "$user" >/dev/null 2>&1 || user=nobody
    if command -v setpriv >/dev/null; then
        exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
    elif command -v runuser >/dev/null; then
        exec runuser -u "$user" -- "$@"
    fi
    give_up 'PostgreSQL does not run as root, and there is neither setpriv nor runuser: run scripts/bench as an ordinary user'
}

# start_server: sets `address` for contend, and the PG* variables for psql and pgbench. A port may be taken, then the next
# one is tried.
start_server() {
    find_programs
    local name attempt
    for name in $(compgen -e PG); do
        unset "$name"
    done
    for attempt in 1 2 3 4 5; do
        server_dir=/tmp/contend-bench-$$-$attempt
        export PGPORT=$((20000 + RANDOM % 10000)) PGUSER=postgres PGDATABASE=postgres PGSSLMODE=disable
        export PGHOST=127.0.0.1
        [ "$transport" = tcp ] || PGHOST=$server_dir
        launch_server
        if server_answers; then
            address="host=$PGHOST port=$PGPORT user=postgres dbname=postgres sslmode=disable"
            return
        fi
        stop_server
    done
    give_up "the throw-away PostgreSQL server did not start: $(tail -n 1 "$work/server")"
}

launch_server() {
    local words=("$pg_bin/initdb" "$pg_bin/postgres" -D "$server_dir/data" -k "$server_dir") setting
    for setting in "${settings[@]}" "port=$PGPORT" listen_addresses=127.0.0.1; do
        words+=(-c "$setting")
    done
    exec 9> >(as_server env -i PATH="$PATH" LC_ALL=C HOME="$server_dir" TMPDIR="$server_dir" \
        /bin/sh -c "$(cat src/db/local/keeper.sh)" contend-keeper "$server_dir" "$steps" "${words[@]}" 2>"$work/server")
    echo go >&9
}

server_answers() {
    local tenths
    for tenths in {1..300}; do
        if "$psql" -XAtqc 'SELECT 1' >/dev/null 2>&1 9>&-; then
            return
        fi
        # Its last words: the keeper removes the directory when its server has ended.
        cat "$server_dir/log" >"$work/log" 2>/dev/null && mv "$work/log" "$work/server"
        [ "$tenths" -lt 20 ] || [ -e "$server_dir" ] || return 1
        sleep 0.1
    done
    return 1
}

stop_server() {
    [ -n "$server_dir" ] || return 0
    exec 9>&-
    local tenths
    for tenths in {1..250}; do
        [ -e "$server_dir" ] || break
        sleep 0.1
    done
    server_dir=''
}

# sql STATEMENT...: each on its own.
sql() {
    local statement arguments=(-c "SET client_min_messages = warning")
    for statement in "$@"; do
        arguments+=(-c "$statement")
    done
    "$psql" -XAtq -v ON_ERROR_STOP=1 "${arguments[@]}" 9>&-
}
