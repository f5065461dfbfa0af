"""The shell side of a detached command: POSIX sh, nothing to install on the host.

A job is a directory below the state directory: `command`, `identity` (this boot of this machine or
pod), `started`, `pid`, `log` and, written last and atomically, `exit`. Making the directory is the
lock. The process that makes it is the job itself, so a connection that breaks while starting leaves
either nothing or a job that runs.
"""

STATE_DIRECTORY = "${XDG_STATE_HOME:-$HOME/.local/state}/detached"

_IDENTITY = """
identity() { printf '%s %s' "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" "${HOSTNAME:-}"; }
"""

# $1 job directory, $2 file with the command.
RUNNER = (
    _IDENTITY
    + """
mkdir "$1" 2>/dev/null || { rm -f "$2"; exit; }
mv "$2" "$1/command"
: >"$1/log"
identity >"$1/identity"
date +%s >"$1/started"
echo "$$" >"$1/pid.new" && mv "$1/pid.new" "$1/pid"
sh "$1/command" >>"$1/log" 2>&1 </dev/null
echo "$?" >"$1/exit.new" && mv "$1/exit.new" "$1/exit"
"""
)

# Prints what is known of the job in $job: state, exit code, pid, time of start, reason.
_LOOK = (
    _IDENTITY
    + r"""
# Whether process $1 or a member of its group does something. A killed process that nobody has
# waited for is a zombie: it has a pid, and containers often have nobody who waits.
is_alive() {
    [ -n "$1" ] || return 1
    if [ -r /proc/self/stat ]; then
        cat /proc/[0-9]*/stat 2>/dev/null | awk -v leader="$1" '
            { pid = $1; sub(/^.*\) /, ""); split($0, field, " ") }
            (pid == leader || field[3] == leader) && field[1] !~ /[ZX]/ { found = 1 }
            END { exit !found }'
    else
        kill -0 -- "-$1" 2>/dev/null || kill -0 "$1" 2>/dev/null
    fi
}
look() {
    state=absent exit= pid= started= reason=
    [ -d "$job" ] || return 0
    pid=$(cat "$job/pid" 2>/dev/null) started=$(cat "$job/started" 2>/dev/null)
    alive=no
    is_alive "$pid" && alive=yes
    # The exit code is read after the process, which writes it last.
    if [ -f "$job/exit" ]; then
        state=finished exit=$(cat "$job/exit")
    elif [ "$(cat "$job/identity" 2>/dev/null)" != "$(identity)" ]; then
        state=lost reason="the machine or pod was restarted"
    elif [ "$alive" = yes ]; then
        state=running
    else
        state=lost reason="its process is gone"
    fi
}
"""
)

# $1 state directory, $2 job, $3 command, $4 the runner above, $5 "again" to start after a job that
# is over: that one is kept under its name and pid.
START = (
    _LOOK
    + """
umask 077
job=$1/$2
mkdir -p "$1" || exit 1
look
if [ "$5" = again ] && { [ "$state" = finished ] || [ "$state" = lost ]; }; then
    mv "$job" "$job.${pid:-0}.$(date +%s)" || exit 1
fi
file=$1/$2.$$.command
printf '%s\\n' "$3" >"$file" || exit 1
own=
command -v setsid >/dev/null 2>&1 && own=setsid
nohup $own sh -c "$4" detached "$job" "$file" >/dev/null 2>&1 </dev/null &
tries=0
until [ -s "$job/pid" ]; do
    tries=$((tries + 1))
    [ "$tries" -gt 100 ] && { echo "the job did not start within 10 s" >&2; exit 1; }
    sleep 0.1 2>/dev/null || sleep 1
done
"""
)

# $1 state directory, $2 job, $3 offset in the output; then patterns (POSIX extended), of which each
# is searched in the whole output. The output comes as hexadecimal digits: it may hold any bytes.
POLL = (
    _LOOK
    + """
job=$1/$2 from=$3 limit=131072
shift 3
look
size=$(wc -c <"$job/log" 2>/dev/null | tr -d ' ')
size=${size:-0}
if [ "$size" -gt "$((from + limit))" ]; then size=$((from + limit)); fi
found=
for pattern; do
    grep -Eq -e "$pattern" "$job/log" 2>/dev/null && found=${found}1 || found=${found}0
done
printf '%s\\n' "state=$state" "exit=$exit" "pid=$pid" "started=$started" "reason=$reason"
printf '%s\\n' "log=$job/log" "size=$size" "found=$found" --
if [ -f "$job/log" ]; then
    tail -c "+$((from + 1))" "$job/log" | head -c "$((size - from))" | od -An -v -tx1
fi
echo .
"""
)
