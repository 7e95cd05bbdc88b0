# shellcheck shell=bash disable=SC2034,SC2154 # sourced by scripts/bench, with which variables are shared
# Many workers, and many connections.

workers=10000 few_workers=100 shared=100

# many_run FLAGS...: a run of many workers that share the connections.
many_run() {
    contend_run --verify balance --connections "$shared" --threads "$threads" "$@"
}

row_workers() {
    worker_memory
    worker_start
    worker_spread
}

# The largest resident memory of the process with many workers and with few, on as many connections.
worker_memory() {
    local pair many few
    seed_accounts 10000
    printf 'pair\tmany_bytes\tfew_bytes\tkib_per_worker\n' >"$out/memory.tsv"
    for pair in 1 2 3; do
        many_run --accounts 10000 --workers "$workers" --duration 3s
        many=$(field max_rss_bytes <"$work/out")
        many_run --accounts 10000 --workers "$few_workers" --duration 3s
        few=$(field max_rss_bytes <"$work/out")
        awk -v pair="$pair" -v many="$many" -v few="$few" -v more="$((workers - few_workers))" \
            'BEGIN { OFS = "\t"; print pair, many, few, (many - few) / more / 1024 }' >>"$out/memory.tsv"
    done
    value memory "$workers workers on $shared connections, memory of one more worker" KiB kib_per_worker '<=' 16
}

# The wall time of a whole run that begins with all workers and connections and ends with one transaction on each connection:
# no less than what it takes to start.
worker_start() {
    local pair
    printf 'pair\twall_s\n' >"$out/start.tsv"
    for pair in 1 2 3; do
        many_run --accounts 10000 --workers "$workers" --transactions "$shared" --warmup 0s
        printf '%s\t%s\n' "$pair" "$wall" >>"$out/start.tsv"
    done
    value start "$workers workers on $shared connections, a whole run of $shared transactions" s wall_s '<=' 2
}

# So many that each worker has its 30; on a big bank, so that hardly any of them meet.
worker_spread() {
    local each=35 least most
    ! $quick || each=5
    seed_accounts 100000
    many_run --accounts 100000 --keys uniform --workers "$workers" --transactions "$((each * workers))"
    least=$(field least_commits <"$work/out") most=$(field most_commits <"$work/out")
    printf 'least_commits\tmost_commits\tgoodput_tps\tspread\n%s\t%s\t%s\t%s\n' "$least" "$most" \
        "$(field goodput_tps <"$work/out")" "$(awk -v m="$most" -v l="$least" 'BEGIN { print l ? m / l : 0 }')" >"$out/spread.tsv"
    local what="$workers workers on $shared connections, most by least transactions of a worker ($most by $least)"
    if [ "$least" -ge 30 ]; then
        value spread "$what" '' spread '<=' 1.5
    else
        note_row "$what" "$(awk 'NR == 2 { printf "%.2f", $4 }' "$out/spread.tsv")" '<= 1.5' 'not judged: fewer than 30 each'
    fi
}

# A soft limit of 256 open files, which contend has to raise by itself, on a big bank; and more connections than the server has.
row_connections() {
    local status=0 asked=1000
    seed_accounts 100000
    # shellcheck disable=SC2030,SC2031 # the limit is for this one run
    (
        ulimit -Sn 256
        contend_run --verify balance --accounts 100000 --workers "$asked" --threads "$threads" --duration "${seconds}s"
        printf 'connections\tgoodput_tps\twall_s\n%s\t%s\t%s\n' "$asked" "$(field goodput_tps <"$work/out")" "$wall" \
            >"$out/connections.tsv"
    ) || status=$?
    [ "$status" -eq 0 ] || give_up "1,000 connections failed"
    note_row "$asked connections, with a soft limit of 256 files: goodput" \
        "$(awk 'NR == 2 { printf "%.0f tx/s", $2 }' "$out/connections.tsv")" works met
    timed "$contend" run "$address" --no-save --quiet --json --workers 1200 --duration 1s --accounts 100000 \
        --balance "$balance" || status=$?
    if [ "$status" -eq 4 ] && grep -q 'connections' "$work/err"; then
        note_row '1200 connections, where the server has 1100' 'refused in one line' refused met
    else
        note_row '1200 connections, where the server has 1100' "exit status $status" refused missed
    fi
}
