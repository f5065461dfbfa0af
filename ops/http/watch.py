"""Watching: look again and again until a verdict, with a sign of life every ten seconds."""

import time
from collections.abc import Callable
from typing import Any

from pyinfra import context
from pyinfra.api.exceptions import FactProcessError
from pyinfra.api.host import Host

from ops.api import guards
from ops.api.console import report_problem, report_progress, short_name
from ops.api.live import clock, is_live, live_line
from ops.api.stop import end_if_asked
from ops.api.visible import cut
from ops.http.request import Request
from ops.http.request_failed import RequestFailed, is_permanent

PROGRESS_SECONDS = 10
ASK_SECONDS = 15
LONGEST_BACKOFF = 30
READ_ERRORS = (OSError, FactProcessError)


def watch(
    host: Host,
    look: Callable[[float], bool | None],
    *,
    seconds: float,
    interval: float,
    waiting: Callable[[], str],
    patience: float = 0,
) -> bool | None:
    """Call `look` until it returns a verdict, and return that; None when the time was over.

    + host: whose lines are printed
    + look: gets the seconds since the beginning; returns the verdict, or None to go on; where it
      raises because something could not be read, it is called again after a growing pause. An
      answer that asking again would not change (401, 403, 404) is printed, and the verdict False
    + seconds: how long; the last look comes right at the end
    + interval: seconds between two looks
    + waiting: says what is awaited, for the live line of a terminal, or else for the line with a
      clock time that comes every ten seconds
    + patience: seconds without a successful look for which to go on beyond the end
    """
    progress = _Progress(host, seconds, waiting)
    with live_line.showing(progress.line):
        return _watch(host, look, seconds, interval, patience, progress)


class _Progress:
    """A sign of life: the live line of a terminal, or a line every ten seconds."""

    def __init__(self, host: Host, seconds: float, waiting: Callable[[], str]) -> None:
        self.began = self._printed = time.monotonic()
        self._host, self._seconds, self._waiting = host, seconds, waiting
        self._said = ""

    def line(self) -> str:
        """Return what the live line says, which is nothing before the first look."""
        return f"[{short_name(self._host)}] {self._elapsed()}: {self._said}" if self._said else ""

    def tell(self) -> None:
        """Say what is awaited, if it is time for that."""
        if is_live():
            self._said = self._waiting()
            live_line.draw()
        elif time.monotonic() - self._printed >= PROGRESS_SECONDS:
            self._printed = time.monotonic()
            report_progress(self._host, [f"{clock()}, {self._elapsed()}: {self._waiting()}"])

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self.began:.0f} of {self._seconds:.0f} s"


def _watch(
    host: Host,
    look: Callable[[float], bool | None],
    seconds: float,
    interval: float,
    patience: float,
    progress: _Progress,
) -> bool | None:
    began = seen = progress.began
    failures = 0
    while True:
        end_if_asked()
        if reason := guards.end_of_watch(host):
            report_problem(host, [reason])
            return False
        elapsed = time.monotonic() - began
        try:
            verdict = look(elapsed)
        except READ_ERRORS as error:
            if is_permanent(error):
                report_problem(host, [str(error)])
                return False
            failures += 1
            text = f"{clock()}, not readable ({failures}), trying again: {error}"
            report_progress(host, [text])
        else:
            seen, failures = time.monotonic(), 0
            if verdict is not None:
                return verdict
        if elapsed >= seconds and time.monotonic() - seen >= (patience if failures else 0):
            return None
        progress.tell()
        time.sleep(_pause(interval, failures, began + seconds))


def ask(host: Host, fact: type[Any], **arguments: Any) -> Any:
    """Read a fact while an operation is executed; raise OSError or FactProcessError in words.

    There is one attempt with a short time limit: `watch` repeats it, and says so. Where an API
    refuses, the error is RequestFailed and has its status.
    """
    question = fact()
    with context.ctx_host.use(host):
        command = question.command(**arguments)
    if isinstance(command, Request):
        command.attempts = 1
    done, output = host.run_shell_command(command, _timeout=ASK_SECONDS)
    if not done:
        raise RequestFailed(cut(" ".join(output.stderr_lines), 300), getattr(output, "status", 0))
    return question.process(output.stdout_lines)


def send(host: Host, request: Request) -> str:
    """Send a request while an operation is executed; return why it failed, or an empty text.

    Raises RequestFailed where sending it again would not help.
    """
    done, output = host.run_shell_command(request)
    if done:
        return ""
    error = RequestFailed(" ".join(output.stderr_lines), getattr(output, "status", 0))
    if is_permanent(error):
        raise error
    return str(error)


def _pause(interval: float, failures: int, end: float) -> float:
    if failures:
        return float(min(min(interval, 1) * 2**failures, LONGEST_BACKOFF))
    left = end - time.monotonic()
    return min(interval, left) if left > 0 else interval
