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
    + """
look() {
    state=absent exit= pid= started= reason=
    [ -d "$job" ] || return 0
    pid=$(cat "$job/pid" 2>/dev/null) started=$(cat "$job/started" 2>/dev/null)
    alive=no
    [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && alive=yes
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

# $1 state directory, $2 job, $3 offset in the output, or "end" for the end of it. The output ends
# with a full stop, which shows whether its last line is complete.
POLL = (
    _LOOK
    + """
job=$1/$2
look
from=$3 limit=262144
size=$(wc -c <"$job/log" 2>/dev/null | tr -d ' ')
size=${size:-0}
if [ "$from" = end ]; then from=$((size > limit ? size - limit : 0)); fi
if [ "$size" -gt "$((from + limit))" ]; then size=$((from + limit)); fi
printf '%s\\n' "state=$state" "exit=$exit" "pid=$pid" "started=$started" "reason=$reason"
printf '%s\\n' "log=$job/log" "size=$size" --
if [ -f "$job/log" ]; then tail -c "+$((from + 1))" "$job/log" | head -c "$((size - from))"; fi
echo .
"""
)
