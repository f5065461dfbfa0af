"""The state of a command that runs on its own on a host (`ops/shell/detached.py`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyinfra.api import QuoteString, StringCommand
from typing_extensions import override

from ops.api.form import WrongForm
from ops.api.strict_fact import CommandFact
from ops.shell.detached_script import POLL, STATE_DIRECTORY

STATES = ("absent", "running", "finished", "lost")


@dataclass(frozen=True)
class JobState:
    """What is known about a detached job.

    + state: "absent", "running", "finished" or "lost" (gone without an exit code)
    + exit_code: of a finished job
    + pid: process id on the host, and of its process group
    + started: seconds since the epoch, by the host's clock
    + reason: why it is lost
    + log_path: where its output is on the host
    + log_size: bytes of output up to the end of `log`
    + found: for each pattern, whether a line of the whole output matches
    + log: the output from the offset that was asked for, 128 KiB at most
    """

    state: str
    exit_code: int | None
    pid: str
    started: int
    reason: str
    log_path: str
    log_size: int
    found: tuple[bool, ...]
    log: bytes


class DetachedJob(CommandFact):
    """Return the state of a detached job and its output from an offset on.

    + job: id of the job
    + offset: bytes of output that are known already
    + patterns: POSIX extended regular expressions to look for in the whole output
    + directory: state directory on the host; may hold `$HOME`

    ```python
    JobState(state="running", exit_code=None, pid="4711", started=1771840800, reason="",
             log_path="/var/lib/example/backup/log", log_size=512, found=(False,), log=b"...")
    ```
    """

    @override
    def command(
        self,
        job: str,
        offset: int = 0,
        patterns: Sequence[str] = (),
        directory: str = STATE_DIRECTORY,
    ) -> StringCommand:
        arguments = f'"{directory}" {job} {offset}'
        quoted = [QuoteString(pattern) for pattern in patterns]
        return StringCommand("sh", "-c", QuoteString(POLL), "poll", arguments, *quoted)

    @override
    def parse(self, output: Iterable[str]) -> JobState:
        """Read the fields before the line `--`; output of the job follows up to a full stop."""
        lines = list(output)
        end = lines.index("--")
        fields = dict(line.split("=", 1) for line in lines[:end])
        if lines[-1] != ".":
            raise WrongForm("it was cut off")
        if fields["state"] not in STATES:
            raise WrongForm("a job is in no such state")
        return JobState(
            state=fields["state"],
            exit_code=int(fields["exit"]) if fields["exit"] else None,
            pid=fields["pid"],
            started=int(fields["started"] or 0),
            reason=fields["reason"],
            log_path=fields["log"],
            log_size=int(fields["size"] or 0),
            found=tuple(digit == "1" for digit in fields["found"]),
            log=bytes.fromhex("".join(lines[end + 1 : -1])),
        )
