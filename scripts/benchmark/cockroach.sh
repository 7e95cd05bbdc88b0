# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154 # sourced by scripts/bench, with which variables are shared
# contend on a CockroachDB, next to `cockroach workload run bank`.
#
# The two do not run the same transaction. The workload's is one statement, which the server runs and retries as an implicit
# transaction: UPDATE of two accounts by CASE, one round trip, one write of a row with 100 bytes of padding. contend's is
# BEGIN, a read, two UPDATEs with RETURNING and COMMIT, retried by the client. So there are no targets here.

workload_database=contend_workload

# In a subshell: what is different about this server is forgotten afterwards.
row_cockroach() (
    local program flight version
    program=${CONTEND_COCKROACH:-$(command -v cockroach || true)}
    if [ -z "$program" ] || ! "$program" workload run bank --help >/dev/null 2>&1; then
        say 'SKIPPED: the CockroachDB rows need a cockroach with its workload command, on the PATH or in CONTEND_COCKROACH'
        note_row 'cockroach' '-' '-' 'skipped: no cockroach with workload'
        exit 0
    fi
    start_workload
    # The same comparisons on that server, in a schema of their own, where there is nothing to vacuum.
    address=$cockroach_url schema=contend_bench
    # shellcheck disable=SC2317 # called by measure
    tidy() { :; }
    version=$("$contend" ping "$cockroach_url" --count 1 | sed -n "s/^Server  *//p")
    for flight in sequential pipelined single; do
        compare "cockroach-$flight" 10000 "contend --verify balance --flight $flight" workload
        ratio "cockroach-$flight" "$version, $flight, client CPU per commit" us a_cpu_us b_cpu_us
        ratio "cockroach-$flight" "$version, $flight, goodput" tx/s a_tps b_tps
    done
    timed "$program" sql --url "$workload_url" -e "DROP DATABASE $workload_database CASCADE" || fail 'cockroach sql'
    timed "$contend" clean "$address" --schema "$schema" || fail 'contend clean'
)

# start_workload: the workload's own database, which is dropped in the end, and the CPU that a run of one operation takes.
start_workload() {
    local rest=${cockroach_url#*://} query=''
    case $rest in *\?*) query="?${rest#*\?}" ;; esac
    rest=${rest%%\?*}
    workload_url="postgres://${rest%%/*}/$workload_database$query"
    timed "$program" workload init bank --drop --db="$workload_database" --rows=10000 "$workload_url" || fail 'cockroach workload init'
    workload_run --max-ops=1
    start_up_s=$(awk -v cpu="$user $system" 'BEGIN { split(cpu, part, " "); print part[1] + part[2] }')
}

workload_run() {
    timed "$program" workload run bank --db="$workload_database" --rows=10000 --concurrency="$clients" "$@" "$workload_url" ||
        fail 'cockroach workload run'
}

# measure_workload: `tps cpu_us retries` of one run. The server retries, so that nobody counts it.
measure_workload() {
    workload_run --duration="${seconds}s"
    # The last line but one is a title, and the last one `elapsed errors operations per_second ...`.
    awk -v cpu="$user $system" -v start_up="$start_up_s" '
        NF >= 4 && $1 ~ /^[0-9.]+s$/ { operations = $3; rate = $4 }
        END {
            split(cpu, part, " ")
            if (!operations) exit 1
            printf "%.1f %.3f -\n", rate, (part[1] + part[2] - start_up) / operations * 1e6
        }' "$work/out" || fail 'cockroach workload run'
}
