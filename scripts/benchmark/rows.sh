# shellcheck shell=bash disable=SC2034,SC2154 # sourced by scripts/bench, with which variables are shared
# The comparisons: pairs of runs in turn, on the same table.

# measure TOOL ARGUMENT...: TOOL is contend or pgbench.
measure() {
    local tool=$1
    shift
    tidy
    "measure_$tool" "$@"
}

# compare NAME ACCOUNTS A B: the pairs of a row, into NAME.tsv; A and B are a tool and its arguments.
compare() {
    local name=$1 a b pair first side_a side_b
    read -r -a a <<<"$3"
    read -r -a b <<<"$4"
    seed_accounts "$2"
    [ "${b[0]}" != contend ] || start_up_s=0
    [ "${b[0]}" != pgbench ] || learn_start_up "${b[1]}"
    # To warm up the server, and the processor.
    local wanted=$seconds
    seconds=1
    measure "${a[@]}" >/dev/null
    measure "${b[@]}" >/dev/null
    seconds=$wanted
    printf '# a: %s; b: %s; %s accounts, %s s each\n' "$3" "$4" "$2" "$seconds" >"$out/$name.tsv"
    printf 'pair\tfirst\ta_tps\ta_cpu_us\ta_retries\tb_tps\tb_cpu_us\tb_retries\n' >>"$out/$name.tsv"
    for ((pair = 1; pair <= pairs; pair++)); do
        if ((pair % 2)); then
            first=a
            side_a=$(measure "${a[@]}")
            side_b=$(measure "${b[@]}")
        else
            first=b
            side_b=$(measure "${b[@]}")
            side_a=$(measure "${a[@]}")
        fi
        printf '%s\t%s\t%s\t%s\n' "$pair" "$first" "${side_a// /$'\t'}" "${side_b// /$'\t'}" >>"$out/$name.tsv"
    done
}

row_sequential() {
    compare sequential 10000 'contend --verify balance --flight sequential' 'pgbench transfer'
    ratio sequential 'sequential, client CPU per commit' us a_cpu_us b_cpu_us '<=' 1.00
    ratio sequential 'sequential, goodput' tx/s a_tps b_tps '>=' 0.95
}

row_pipelined() {
    compare pipelined 10000 'contend --verify balance --flight pipelined' 'pgbench transfer'
    ratio pipelined 'pipelined, client CPU per commit' us a_cpu_us b_cpu_us '<=' 0.48
    ratio pipelined 'pipelined, goodput' tx/s a_tps b_tps '>=' 1.30
}

row_single() {
    compare single 10000 'contend --verify balance --flight single' 'pgbench pipeline'
    ratio single 'single, client CPU per commit' us a_cpu_us b_cpu_us '<=' 0.95
    ratio single 'single, goodput' tx/s a_tps b_tps '>=' 0.85
}

row_contended() {
    compare contended 100 'contend --verify balance --flight pipelined' 'pgbench transfer'
    ratio contended 'pipelined, 100 accounts, goodput' tx/s a_tps b_tps '>=' 2.00
    ratio contended 'pipelined, 100 accounts, client CPU per commit' us a_cpu_us b_cpu_us
}

row_recording() {
    compare recording 10000 'contend --verify history' 'contend --verify balance'
    ratio recording 'recording against not recording, client CPU per commit' us a_cpu_us b_cpu_us '<=' 1.03
    ratio recording 'recording against not recording, goodput' tx/s a_tps b_tps
}

# Making a table of so many rows with its primary key, and analyzing it: `contend seed` against psql's \copy of a file.
row_seeding() {
    local rows=1000000 pair first a b
    ! $quick || rows=100000
    awk -v rows="$rows" -v balance="$balance" \
        'BEGIN { OFS = "\t"; for (id = 1; id <= rows; id++) print id, balance, 0, 0 }' >"$work/rows"
    printf '# wall seconds for %s rows; a: contend seed; b: psql, CREATE TABLE, \\copy, ANALYZE\n' "$rows" >"$out/seeding.tsv"
    printf 'pair\tfirst\ta_s\tb_s\n' >>"$out/seeding.tsv"
    seed_by_contend "$rows" >/dev/null
    seed_by_copy >/dev/null
    for ((pair = 1; pair <= pairs; pair++)); do
        if ((pair % 2)); then
            first=a
            a=$(seed_by_contend "$rows")
            b=$(seed_by_copy)
        else
            first=b
            b=$(seed_by_copy)
            a=$(seed_by_contend "$rows")
        fi
        printf '%s\t%s\t%s\t%s\n' "$pair" "$first" "$a" "$b" >>"$out/seeding.tsv"
    done
    ratio seeding "seeding $rows accounts, against COPY" s a_s b_s '<=' 1.50
}

seed_by_contend() {
    timed "$contend" clean "$address" || fail 'contend clean'
    sql CHECKPOINT
    timed "$contend" seed "$address" --accounts "$1" --balance "$balance" --quiet || fail 'contend seed'
    printf '%s' "$wall"
}

seed_by_copy() {
    sql 'DROP TABLE IF EXISTS copied' CHECKPOINT
    timed "$psql" -XAtq -v ON_ERROR_STOP=1 -c 'CREATE TABLE copied (id INT8 PRIMARY KEY, balance INT8 NOT NULL,
        version INT8 NOT NULL, writer INT8 NOT NULL)' -c "\\copy copied from '$work/rows'" -c 'ANALYZE copied' || fail COPY
    printf '%s' "$wall"
    sql 'DROP TABLE copied'
}
