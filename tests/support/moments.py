"""What the tests of deploys share: the wanted state, and waiting for a moment in a run."""

import signal
import subprocess
import time
from collections.abc import Callable

from inventory import runners

TAGS = {int(name.rpartition("/")[2]): set(data["tags"]) for name, data in runners}
RELAXED = ("*/5 * * * *", False)
ALERT = ("* * * * *", False)


# How long a test waits for what comes sooner or later: a busy machine may be twenty times as slow.
LIMIT = 240


def wait_for(condition: Callable[[], object], seconds: float = LIMIT) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the moment did not come"
        time.sleep(0.05)


def end(process: subprocess.Popen[str], number: int) -> tuple[int, str]:
    """Send a signal and return the exit code and the output."""
    process.send_signal(number)
    output, _ = process.communicate(timeout=LIMIT)
    return process.returncode, output


def kill(process: subprocess.Popen[str]) -> None:
    assert process.poll() is None, "it ended before it could be killed"
    code, _ = end(process, signal.SIGKILL)
    assert code == -signal.SIGKILL


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Read the output of a process until a text has come; return what was read."""
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if text in line:
            return output
    raise AssertionError(f"it ended without {text!r}:\n{output}")
