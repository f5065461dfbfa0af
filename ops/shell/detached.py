"""Commands that outlive the connection that started them.

They work on every host with a POSIX shell: pods, SSH hosts and `@local`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paramiko import SSHException
from pyinfra import host
from pyinfra.api import QuoteString, StringCommand
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report_problem, report_progress, report_proof
from ops.api.operation import operation, read
from ops.api.visible import cut
from ops.http.watch import READ_ERRORS, watch
from ops.shell.detached_script import RUNNER, START, STATE_DIRECTORY
from ops.shell.elsewhere import check_start, still_elsewhere
from ops.shell.facts import DetachedJob, JobState

CALL_SECONDS = 60


@dataclass(frozen=True)
class Watch:
    """How to wait for a job: its id, seconds to wait, seconds between polls, lines to find."""

    job: str
    timeout: float
    interval: float
    success: Sequence[str] = ()
    directory: str = STATE_DIRECTORY


@operation
def command(
    command: str,
    job: str,
    timeout: float = 3600,
    interval: float = 2,
    success: Sequence[str] = (),
    again: bool = False,
    directory: str = STATE_DIRECTORY,
) -> Iterator[PyinfraCommand]:
    """
    Run a command that outlives the connection, and judge it by its exit code and output.

    + command: shell command; it is stored in a file on the host, so it must not hold a secret
    + job: id of the job, letters, digits, dots and dashes; one job runs once
    + timeout: seconds to wait; after that the job still runs, and the operation fails and says so
    + interval: seconds between polls
    + success: POSIX extended regular expressions, each of which must match a line of the output of
      a good run
    + again: start again although a former job with this id is over
    + directory: state directory on the host; may hold `$HOME`

    While the job runs, running the operation again attaches to it and never starts a second one. A
    job that finished well is not started again; one that failed or was lost is. Raises
    OperationValueError for another form of id, and OperationError where its state cannot be read,
    or where it may still run in a former pod of the host.

    **Example:**

    ```python
    detached.command(
        name="Back up the database",
        command="pg_dump example >example.sql",
        job="backup-2026-02-23",
        timeout=7200,
    )
    ```
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", job):
        raise OperationValueError(
            f"{host.name}: {job!r} is no job id: letters, digits, dots, dashes"
        )
    settings = Watch(job, timeout, interval, tuple(success), directory)
    current = read(host, DetachedJob, job=job, patterns=settings.success, directory=directory)
    if current.state == "finished" and not again and not complaint(current, settings):
        host.noop(f"job {job} has finished well already")
        return
    if current.state != "running":
        check_start(host, job, directory)
        yield start(command, job, current, directory)
    yield Action(f"wait at most {timeout} s for job {job}", wait, settings)


def start(
    command: str, job: str, current: JobState, directory: str = STATE_DIRECTORY
) -> "DetachedStart":
    """Return the shell command that starts a job, keeping what a former one left."""
    again = "" if current.state == "absent" else "again"
    return DetachedStart(command, job, again, directory)


class DetachedStart(StringCommand):
    """Start a detached job; its text for people is the command and not the script around it."""

    def __init__(self, command: str, job: str, again: str, directory: str) -> None:
        self.changes: list[str] = []
        self.unknown_until_run = False
        self.summary = f"start job {job}: {' '.join(command.split())}"
        arguments = [QuoteString(part) for part in (job, command, RUNNER, again)]
        super().__init__(
            "sh", "-c", QuoteString(START), "start", f'"{directory}"', *arguments,
            _timeout=CALL_SECONDS,
        )  # fmt: skip

    def __str__(self) -> str:
        return self.summary


def complaint(job: JobState, settings: Watch) -> str:
    """Return why a finished job was not good, or an empty text."""
    if job.exit_code != 0:
        return f"exit code {job.exit_code}"
    for pattern, found in zip(settings.success, job.found, strict=True):
        if not found:
            return f"exit code 0, but no line of its output matches {pattern!r}"
    return ""


def wait(state: State, host: Host, settings: Watch) -> bool:
    """Follow a job to its end and report what was observed; return whether it was good."""
    offset, line, seen, is_running = 0, b"", "", False

    def look(elapsed: float) -> bool | None:
        nonlocal offset, line, seen, is_running
        while True:
            job = poll(host, settings, offset)
            is_running = job.state == "running"
            offset, seen = job.log_size, f"pid {job.pid}, output {job.log_path}"
            *lines, line = (line + job.log).split(b"\n")
            report_progress(host, [f"| {text.decode(errors='replace')}" for text in lines])
            if job.state == "running":
                return None
            if not job.log:  # A job that is over may have more output than one answer holds.
                report_progress(host, [f"| {line.decode(errors='replace')}"] if line else [])
                return _judge(host, settings, job)

    verdict = watch(
        host,
        look,
        seconds=settings.timeout,
        interval=settings.interval,
        waiting=lambda: f"job {settings.job} runs" if seen else "the host has not answered yet",
    )
    if is_running and verdict is False:  # A guard has ended the watch, which has said so.
        report_progress(host, [f"job {settings.job} goes on ({seen}): run again to wait for it"])
    return _still_running(host, settings, seen) if verdict is None else verdict


def poll(host: Host, settings: Watch, offset: int) -> JobState:
    """Ask for the state of a job once; raise OSError where there is no answer."""
    fact = DetachedJob()
    question = fact.command(settings.job, offset, settings.success, settings.directory)
    problem = "polling failed, the job goes on without us"
    try:
        done, output = host.run_shell_command(question, _timeout=CALL_SECONDS)
    except SSHException as error:  # pyinfra's SSH connector lets it through.
        raise OSError(f"{problem}: {error}") from None
    if not done:
        raise OSError(f"{problem}: {cut(' '.join(output.stderr_lines), 200)}")
    state: JobState = fact.process(output.stdout_lines)
    return state


def _judge(host: Host, settings: Watch, job: JobState) -> bool:
    elsewhere = ""
    if job.state == "absent":
        elsewhere = still_elsewhere(host, settings.job, settings.directory)
    if elsewhere:
        text = f"job {settings.job} is out of reach: {elsewhere}"
        report_problem(host, [f"{text}. Run again when that pod is gone."])
        return False
    if job.state != "finished":
        reason = job.reason or "the host does not know it, so it is another machine or pod"
        text = f"job {settings.job} is lost: {reason}. What it did last is above."
        report_problem(host, [f"{text} Run again: it starts anew."])
        return False
    problem = complaint(job, settings)
    if problem:
        report_problem(host, [f"job {settings.job} failed: {problem}. Its output: {job.log_path}"])
        return False
    report_proof(host, f"job {settings.job} finished, exit code 0")
    return True


def _still_running(host: Host, settings: Watch, seen: str) -> bool:
    try:
        job = poll(host, settings, 0)
    except READ_ERRORS:
        known = f"when it was last seen it ran ({seen})" if seen else "it was never seen"
        text = f"after {settings.timeout} s the host does not answer: {known}. It was not stopped."
    else:
        known = f"pid {job.pid}, output {job.log_path}; to stop it: kill -- -{job.pid}"
        text = f"job {settings.job} still runs after {settings.timeout} s ({known})."
        text += " It was not stopped."
    report_problem(host, [f"{text} Run again to go on waiting."])
    return False
