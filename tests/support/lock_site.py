"""Runs that take turns: one that is at work for as long as a test wants, and the Lease as it is."""

from pathlib import Path
from typing import Any

from forked import Process
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for

NAME, NAMESPACE = "site-operations", "gitlab-runner"
# A renewal comes after a quarter of that: no test counts one.
LOCKED = {"LOCK_NAME": NAME, "LOCK_SECONDS": "3600"}
PATH = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"

# A job that is prepared when the file {gate!r} is there, changes a runner, waits for {go!r},
# and changes another one.
WORK = """
from pathlib import Path
import gevent
from pyinfra import host
from ops.api.action import Action
from ops.api.operation import operation
from ops.gitlab import runners
from ops.http.request import put

@operation
def change(number):
    yield put(f"/runners/{{number}}", {{"tag_list": ["changed"]}}, ["tag_list: old -> new"])

@operation
def wait():
    yield Action("wait", work, changes=["it: old -> new"])

def work(state, host):
    while not Path({go!r}).exists():
        gevent.sleep(0.02)
    return True

if host.name == "@gitlab":
    while not Path({gate!r}).exists():
        gevent.sleep(0.02)
    change(6, name="Change the first")
    wait(name="Wait")
    change(7, name="Change the second")
"""


class Work:
    """A run that is at work until it is told to go on."""

    def __init__(self, pyinfra: Pyinfra, directory: Path, *arguments: str, **more: str) -> None:
        self.go, self.gate = directory / "go", directory / "gate"
        self.gate.touch()
        self.file = directory / "work.py"
        self.file.write_text(WORK.format(go=str(self.go), gate=str(self.gate)))
        self.pyinfra, self._arguments, self._more = pyinfra, arguments, more

    def arguments(self) -> list[str]:
        """The command line of the job."""
        return ["inventory.py", str(self.file), "--limit", "@gitlab", "-y", *self._arguments]

    def start(self, *arguments: str, **more: str) -> Process:
        """Start it with the lock."""
        environment = {**LOCKED, **self._more, **more}
        return self.pyinfra.start(*self.arguments(), *arguments, **environment)

    def run(self, *arguments: str, **more: str) -> tuple[int, str]:
        """Run it to its end with the lock."""
        environment = {**LOCKED, **self._more, **more}
        return self.pyinfra.run(*self.arguments(), *arguments, **environment)

    def started(self, lab: Lab, *arguments: str, **more: str) -> Process:
        """Start it, and return when it has changed the first runner."""
        process = self.start(*arguments, **more)
        wait_for(lambda: changes(lab, 6) or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        return process


def finished(process: Process) -> tuple[int, str]:
    """Wait for the end of a run; return its exit code and its output."""
    output, _ = process.communicate(timeout=LIMIT)
    return process.returncode, output


def changes(lab: Lab, number: int) -> int:
    """Return how often a runner was changed."""
    return lab.mutations().count(f"PUT /api/v4/runners/{number}")


def changes_of_all(lab: Lab) -> list[str]:
    """Return what was changed beside the Lease."""
    return [line for line in lab.mutations() if "/leases" not in line]


def lease(lab: Lab) -> dict[str, Any]:
    """Return the Lease."""
    return lab.object("Lease", NAME)


def requests_of_the_lease(lab: Lab) -> list[str]:
    """Return what was asked about the Lease."""
    return [r["method"] for r in lab.requests() if r["path"].startswith(PATH)]
