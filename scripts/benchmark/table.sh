# shellcheck shell=bash disable=SC2034,SC2154 # sourced by scripts/bench, with which variables are shared
# Where the numbers go: a folder with a file of raw numbers for each row, and the table.

# open_results: a folder of its own, whose name is the date.
open_results() {
    local day number=1
    day=$(date -u +%Y-%m-%d)
    mkdir -p "$results"
    out=$results/bench-$day
    while ! mkdir "$out" 2>/dev/null; do
        number=$((number + 1))
        out=$results/bench-$day-$number
        [ "$number" -lt 1000 ] || give_up "no folder bench-$day can be made in $results"
    done
    machine >"$out/machine.txt"
    {
        printf '| measured | n | contend | against | ratio | min .. max | target | |\n'
        printf '|---|--:|--:|--:|--:|--:|--:|---|\n'
    } >"$out/table.md"
}

# machine: what the numbers are of. No name and no path of it.
machine() {
    local commit
    printf 'date        %s\n' "$(date -u +%Y-%m-%dT%H:%MZ)"
    printf 'system      %s\n' "$(uname -srm)"
    printf 'cores       %s\n' "$(getconf _NPROCESSORS_ONLN)"
    if [ -r /proc/cpuinfo ]; then
        printf 'processor   %s\n' "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)"
        printf 'memory      %s\n' "$(awk '/^MemTotal:/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)"
    fi
    printf 'load        %s\n' "$(uptime | sed 's/.*load average[s]*: //')"
    printf 'server      PostgreSQL %s, throw-away, over %s\n' "$(sql 'SHOW server_version')" "$transport"
    printf 'settings    %s\n' "${settings[*]}"
    printf 'pgbench     %s\n' "$("$pgbench" --version)"
    commit=$(git rev-parse --short HEAD 2>/dev/null) || commit=''
    [ -z "$commit" ] || [ -z "$(git status --porcelain 2>/dev/null)" ] || commit="$commit and changes"
    printf 'contend     %s\n' "$("$contend" --version | sed 's/^contend //')${commit:+ (commit $commit)}"
    printf 'bench       %s pairs of %s s, %s clients, %s threads%s\n' "$pairs" "$seconds" "$clients" "$threads" \
        "$($quick && printf ', quick: to try it out, not to judge by')"
}

# summarize NAME WHAT UNIT A B [SENSE BOUND]: a line of the table from the columns A and B of NAME.tsv, or from A alone.
summarize() {
    awk -F '\t' -v what="$2" -v unit="$3" -v a="$4" -v b="$5" -v sense="${6:-}" -v bound="${7:-}" '
        function sort_numbers(list, n,    i, j, held) {
            for (i = 2; i <= n; i++) {
                held = list[i]
                for (j = i - 1; j >= 1 && list[j] > held; j--) list[j + 1] = list[j]
                list[j + 1] = held
            }
        }
        function median(list, n) {
            sort_numbers(list, n)
            return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
        }
        function figure(x) {
            return (x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x)) (unit ? " " unit : "")
        }
        /^#/ { next }
        !columns { for (i = 1; i <= NF; i++) at[$i] = i; columns = NF; next }
        {
            n++
            of_a[n] = $at[a] + 0
            judged[n] = of_a[n]
            if (b != "") { of_b[n] = $at[b] + 0; judged[n] = of_b[n] ? of_a[n] / of_b[n] : 0 }
        }
        END {
            if (!n) exit 1
            middle = median(judged, n)
            low = judged[1]; high = judged[n]
            if (b != "") {
                cells = figure(median(of_a, n)) " | " figure(median(of_b, n)) " | " sprintf("%.3f | %.3f .. %.3f", middle, low, high)
            } else {
                cells = figure(middle) " | - | - | " sprintf("%.2f .. %.2f", low, high)
            }
            verdict = "reported"
            if (sense == "<=") verdict = middle <= bound + 0 ? "met" : "**missed**"
            if (sense == ">=") verdict = middle >= bound + 0 ? "met" : "**missed**"
            target = sense == "" ? "-" : (sense == "<=" ? "at most " : "at least ") bound
            printf "| %s | %d | %s | %s | %s |\n", what, n, cells, target, verdict
        }' "$out/$1.tsv" >>"$out/table.md"
    tail -n 1 "$out/table.md" >&2
}

# ratio NAME WHAT UNIT A B [SENSE BOUND]: A against B, pair by pair.
ratio() {
    summarize "$@"
}

# value NAME WHAT UNIT COLUMN [SENSE BOUND]: a column by itself.
value() {
    summarize "$1" "$2" "$3" "$4" '' "${@:5}"
}

# note_row WHAT VALUE TARGET VERDICT: what is no series of numbers.
note_row() {
    printf '| %s | 1 | %s | - | - | - | %s | %s |\n' "$1" "$2" "$3" "$4" >>"$out/table.md"
    tail -n 1 "$out/table.md" >&2
}

# close_results: the table with the machine, which is also printed.
close_results() {
    {
        printf '# Benchmark\n\n'
        # shellcheck disable=SC2016 # Markdown
        printf 'By `scripts/bench`; docs/performance.md says how it is measured.\n\n```text\n'
        cat "$out/machine.txt"
        printf '```\n\n'
        cat "$out/table.md"
    } >"$out/README.md"
    rm -f "$out/machine.txt" "$out/table.md"
    cat "$out/README.md"
    say "the raw numbers are in $out"
}
