# shellcheck shell=bash disable=SC2034,SC2154 # sourced by scripts/bench, with which variables are shared
# One run of either tool, measured: goodput, CPU per commit, retries.

# The table of both tools is contend's own, which the scripts of pgbench name.
schema=contend
# What both tools are given alike.
clients=16 threads=2 tries=20
# So much that no account runs out, also where there are a hundred of them: every transaction moves its amount.
balance=1000000000
# In contend's sessions these are off by default (--planner primary-key), for the sake of predicate locks.
planner='-c enable_seqscan=off -c enable_bitmapscan=off'

# field NAME: the first field of that name in the JSON on stdin.
field() {
    sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | head -n 1
}

# bounded SECONDS COMMAND...: ended when it takes longer, where there is a `timeout`.
bounded() {
    local limit=$1
    shift
    if command -v timeout >/dev/null; then
        timeout --foreground "$limit" "$@"
    else
        "$@"
    fi
}

# timed COMMAND...: sets user, system and wall, in seconds; what it printed is in $work/out and $work/err.
timed() {
    local TIMEFORMAT='%3U %3S %3R' status=0
    { time bounded 600 "$@" >"$work/out" 2>"$work/err" 9>&-; } 2>"$work/time" || status=$?
    # shellcheck disable=SC2034 # for the caller
    read -r user system wall < <(tail -n 1 "$work/time")
    return "$status"
}

# fail WHAT: a run that did not end well is no number.
fail() {
    cat "$work/err" >&2
    give_up "$1 failed"
}

# contend_run FLAGS...: one run on the table as it is; its JSON is in $work/out.
contend_run() {
    timed "$contend" run "$address" --schema "$schema" --no-save --quiet --json --mix transfer --audit off --balance "$balance" \
        --retry immediate --max-attempts "$tries" --lock-order random "$@" || fail "contend run $*"
}

# measure_contend FLAGS...: `tps cpu_us retries` of one run.
measure_contend() {
    contend_run --accounts "$accounts" --workers "$clients" --threads "$threads" \
        --warmup 1s --duration "${seconds}s" "$@"
    local name
    for name in goodput_tps measured_s cpu_user_s cpu_system_s retries; do
        field "$name" <"$work/out"
    done | tr '\n' ' ' | awk '{ printf "%.1f %.3f %d\n", $1, ($3 + $4) / ($1 * $2) * 1e6, $5 }'
}

# pgbench_run SCRIPT FLAGS...: one run of a script in scripts/benchmark.
pgbench_run() {
    local script=$1
    shift
    PGOPTIONS=$planner timed "$pgbench" -n -M prepared -c "$clients" -j "$threads" --max-tries="$tries" -D accounts="$accounts" \
        -f "scripts/benchmark/$script.pgbench" "$@" || fail "pgbench with $script.pgbench"
}

# learn_start_up SCRIPT: sets start_up_s, the CPU that pgbench takes to start, connect and prepare; the median of three.
learn_start_up() {
    local samples=''
    for _ in 1 2 3; do
        pgbench_run "$1" -t 1
        samples+="$user $system"$'\n'
    done
    start_up_s=$(printf '%s' "$samples" | awk '{ print $1 + $2 }' | sort -n | sed -n 2p)
}

# measure_pgbench SCRIPT: `tps cpu_us retries` of one run.
measure_pgbench() {
    pgbench_run "$1" -T "$seconds"
    awk -v cpu="$user $system" -v start_up="$start_up_s" '
        /^number of transactions actually processed: / { commits = $6 + 0 }
        /^tps = / { tps = $3 }
        /^total number of retries: / { retries = $5 }
        END {
            split(cpu, part, " ")
            if (!commits) exit 1
            printf "%.1f %.3f %d\n", tps, (part[1] + part[2] - start_up) / commits * 1e6, retries
        }' "$work/out" || fail "pgbench with $1.pgbench"
}

# seed_accounts N: the table of both tools, made anew.
seed_accounts() {
    accounts=$1
    timed "$contend" seed "$address" --schema "$schema" --accounts "$1" --balance "$balance" --fresh --quiet || fail 'contend seed'
}

# tidy: before every run, so that none has to clear up after the one before it.
tidy() {
    sql 'VACUUM contend.accounts' CHECKPOINT
}
