"""Two runs of one job at once, which each on its own would do right."""

import signal
from pathlib import Path
from typing import Any

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from lock_site import LOCKED, Work, changes_of_all, finished
from moments import ALERT, ENDLESS_PROOF, RELAXED, TAGS, end, is_proving, wait_for
from pipeline_site import sent
from pipelines_site import TRIGGER

WAIT = ("--data", f"wait={LIMIT}")


@pytest.fixture
def machines(tmp_path: Path) -> list[dict[str, Any]]:
    """The settings of two operators on two machines, which share the Lease alone."""
    return [{**LOCKED, "LOCK_DIRECTORY": str(tmp_path / name)} for name in ("anna", "bert")]


def test_two_runs_of_pipelines_trigger_one(
    pushed: Lab, pyinfra: Pyinfra, machines: list[dict[str, Any]]
) -> None:
    job = ("inventory.py", "deploys/pipelines.py", "-y", *WAIT)
    runs = [pyinfra.start(*job, **machine) for machine in machines]
    for run in runs:
        code, output = finished(run)
        assert code == 0, output
    assert sent(pushed).count(TRIGGER) == 1


# Both have read what there is before one of them begins.
TOGETHER = """
from pathlib import Path
import gevent
from pyinfra import host
from ops.site.job import job

job("pipelines")
Path({mark!r}).touch()
while not Path({go!r}).exists():
    gevent.sleep(0.02)
"""


def test_of_two_that_have_planned_the_same_one_does_it(
    pushed: Lab, pyinfra: Pyinfra, machines: list[dict[str, Any]], tmp_path: Path
) -> None:
    go = tmp_path / "go"
    runs, marks = [], [tmp_path / f"planned{number}" for number in range(2)]
    for number, machine in enumerate(machines):
        file = tmp_path / f"together{number}.py"
        file.write_text(TOGETHER.format(mark=str(marks[number]), go=str(go)))
        job = ("inventory.py", str(file), "-y", "--limit", "project")
        runs.append(pyinfra.start(*job, **machine))
    wait_for(lambda: all(mark.exists() for mark in marks))
    go.touch()
    ends = sorted(finished(run) for run in runs)
    assert [code for code, _ in ends] == [0, 3], ends
    assert "begun after this run had looked: run again" in ends[1][1]
    assert sent(pushed).count(TRIGGER) == 1


def test_two_runs_of_fix_tags_leave_the_enforcer_as_it_should_be(
    lab: Lab, pyinfra: Pyinfra, machines: list[dict[str, Any]]
) -> None:
    job = ("inventory.py", "deploys/fix_tags.py", "-y")
    first = pyinfra.start(*job, **machines[0])
    wait_for(lambda: is_proving(lab) or first.poll() is not None)
    second = pyinfra.start(*job, *WAIT, **machines[1])
    code, output = finished(first)
    assert code == 0, output
    code, output = finished(second)
    assert code == 0, output
    assert "No changes: all that fix_tags looks after is as wanted" in output
    assert (lab.enforcer(), lab.tags()) == (RELAXED, TAGS)


def test_a_second_fix_tags_sends_nothing_while_the_first_one_proves(
    lab: Lab, pyinfra: Pyinfra, machines: list[dict[str, Any]]
) -> None:
    job = ("inventory.py", "deploys/fix_tags.py", "-y")
    first = pyinfra.start(*job, **machines[0], **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab) or first.poll() is not None)
    before = changes_of_all(lab)
    code, output = pyinfra.run(*job, **machines[1])
    assert code == 3, output
    assert "is at work with fix_tags since" in output
    assert changes_of_all(lab) == before
    assert lab.enforcer() == ("* * * * *", True)
    assert end(first, signal.SIGTERM)[0] == 143
    assert lab.enforcer() == ALERT


@pytest.mark.parametrize("is_on_one_machine", [False, True])
def test_several_at_once_take_turns(
    lab: Lab, pyinfra: Pyinfra, tmp_path: Path, is_on_one_machine: bool
) -> None:
    work = Work(pyinfra, tmp_path, *WAIT)
    work.go.touch()
    places = [tmp_path / ("one" if is_on_one_machine else str(number)) for number in range(3)]
    runs = [work.start(LOCK_DIRECTORY=str(place)) for place in places]
    for run in runs:
        code, output = finished(run)
        assert code == 0, output
    order = [line for line in changes_of_all(lab) if line.startswith("PUT /api/v4/runners/")]
    assert order == [f"PUT /api/v4/runners/{number}" for number in (6, 7)] * len(runs)
