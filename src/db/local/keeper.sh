# Keeps one throw-away server. It makes the server's directory, runs the server, and when the pipe on its stdin closes,
# however the process at the other end came to its end, it stops the server and removes the directory.
#
#   sh -c "$(cat keeper.sh)" contend-keeper DIRECTORY STEPS WORD...
#
# STEPS is shell text that calls `phase` on the WORDs. A first line on stdin ("go") starts the steps. Everything used here
# is in a minimal Debian, in Alpine and in macOS: no ps, pkill, setsid or timeout.
# shellcheck disable=SC2317,SC3013 # `eval` reaches `phase`; `-ef` is in POSIX since 2024, and in dash, bash and BusyBox.
dir=$1 steps=$2
shift 2
PATH=$PATH:/usr/bin:/bin
# Whoever signals the keeper's group wants the server gone; the closing pipe says that too, and in the right order.
trap '' INT TERM HUP
umask 077
# Only what was made here is removed below: a directory that exists already is left alone.
mkdir "$dir" || exit 73
exec 3<&0 </dev/null >/dev/null
# Not `:`, here and below: a redirection that fails ends the shell if it is a special builtin's.
true >"$dir/log" || {
    rm -rf "$dir"
    exit 73
}
exec 2>/dev/null

# Sends the phase's signal to its process, and KILL when its time is up. The signal is repeated each second because a
# shell starts background jobs with QUIT ignored, so one that arrives before the server's own handler is set is lost.
# CONT lets a process that was stopped (SIGSTOP) act on it.
end_job() {
    tenths=0
    while [ "$tenths" -lt "${seconds}0" ]; do
        if [ $((tenths % 10)) -eq 0 ]; then
            kill -"$signal" "$job"
            kill -CONT "$job"
        fi
        sleep 0.1 || sleep 1
        kill -0 "$job" || return
        tenths=$((tenths + 1))
    done
    kill -KILL "$job"
}

# phase SIGNAL SECONDS COMMAND...: runs the command until it ends or, once the pipe is closed, is ended with the signal,
# for which it has so many seconds. The pipe may close between two phases: the next phase's watcher then finds it closed
# and ends its command at once. A watcher that finds the keeper itself killed does what is left to do.
phase() {
    signal=$1 seconds=$2
    shift 2
    (
        exec >>"$dir/log" 2>&1 3<&-
        trap - INT TERM HUP
        cd "$dir" && exec "$@"
    ) &
    job=$!
    (
        while read -r _; do :; done
        true >"$dir/stopping"
        end_job
        kill -0 $$ || remove
    ) <&3 &
    watcher=$!
    wait "$job"
    status=$?
    # A watcher that is ending the job sees by itself that the job is gone; killed now it would leave its `sleep` behind.
    [ -e "$dir/stopping" ] || kill -KILL "$watcher"
    wait "$watcher"
    return "$status"
}

# Ends every `postgres` that works in the directory; true if there was one. There is none unless a postmaster was killed
# by somebody: its children, if stopped, do not see it go. TERM first: a killed process leaves its shared memory behind.
# Linux only: elsewhere there is no /proc, and nothing matches.
sweep() {
    found=1
    for process in /proc/[0-9]*; do
        [ "$process/cwd" -ef "$dir/data" ] || [ "$process/cwd" -ef "$dir" ] || continue
        read -r name <"$process/comm"
        [ "$name" = postgres ] || continue
        found=0
        if [ "$tries" -lt 10 ]; then kill -TERM "${process#/proc/}"; else kill -KILL "${process#/proc/}"; fi
        kill -CONT "${process#/proc/}"
    done
    return "$found"
}

# True while there is something left. Whoever is still running may still be writing, hence the order.
remains() {
    sweep && return
    rm -rf "$dir"
    [ -e "$dir" ]
}

remove() {
    cd /
    tries=0
    while remains && [ "$tries" -lt 100 ]; do
        sleep 0.1 || sleep 1
        tries=$((tries + 1))
    done
}

status=0
read -r _ <&3 && eval "$steps"
remove
exit "$status"
