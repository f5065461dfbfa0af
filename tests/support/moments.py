"""What the tests of deploys share: the wanted state, and waiting for a moment in a run."""

import signal
import time
from collections.abc import Callable

from forked import Process
from lab_process import Lab
from limits import LIMIT

from inventory import runners

TAGS = {int(name.rpartition("/")[2]): set(data["tags"]) for name, data in runners}
RELAXED = ("*/5 * * * *", False)
ALERT = ("* * * * *", False)
# What ends a proof that never ends is the test.
ENDLESS_PROOF = {"TAG_VERIFICATION_SECONDS": "3600"}


def wait_for(condition: Callable[[], object], seconds: float = LIMIT) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the moment did not come"
        time.sleep(0.05)


def end(process: Process, number: int) -> tuple[int, str]:
    """Send a signal and return the exit code and the output."""
    process.send_signal(number)
    output, _ = process.communicate(timeout=LIMIT)
    return process.returncode, output


def kill(process: Process) -> None:
    assert process.poll() is None, "it ended before it could be killed"
    code, _ = end(process, signal.SIGKILL)
    assert code == -signal.SIGKILL


def read_until(process: Process, text: str) -> str:
    """Read the output of a process until a text has come; return what was read."""
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if text in line:
            return output
    raise AssertionError(f"it ended without {text!r}:\n{output}")


def is_proving(lab: Lab) -> bool:
    """Whether fix_tags looks if the tags last: they are set, and no enforcer can set them again."""
    return lab.enforcer()[1] and lab.tags() == TAGS


def wait_for_looks(lab: Lab, count: int = 2) -> None:
    """Wait until a proof has looked at all tags a few times more."""

    def looks() -> int:
        requests = lab.requests(system="gitlab")
        return len([r for r in requests if r["path"] == "/api/graphql" and r["status"] == 200])

    before = looks()
    wait_for(lambda: looks() >= before + count)


def is_ready(lab: Lab, prefix: str) -> bool:
    """Whether the pod whose name begins so is there, and ready."""
    pods = [
        entry["object"]
        for entry in lab.state()["kubernetes"]["objects"]
        if entry["kind"] == "Pod" and entry["name"].startswith(prefix)
    ]
    conditions = [c for pod in pods for c in pod["status"]["conditions"] if c["type"] == "Ready"]
    return bool(conditions) and all(c["status"] == "True" for c in conditions)
