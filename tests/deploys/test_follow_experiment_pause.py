"""deploys/follow_experiment.py: the pause of the runner, its mark, and the pauses of others."""

import re
import signal
from typing import Any

import pytest
from experiment_site import (
    JOBS,
    NOTE,
    RUNNER,
    SHORT,
    anna,
    converges,
    in_the_middle,
    is_free,
    start,
)
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import end, kill, wait_for
from pipeline_site import cancel, now, sent, someone, statuses
from terminal import on_a_terminal

from ops.site.experiment.pause_mark import LONGEST_NOTE


def settings(lab: Lab) -> dict[str, Any]:
    runner = lab.runners()[RUNNER]
    return {name: runner[name] for name in ("paused", "maintenance_note")}


def test_it_goes_on_although_the_runner_lost_its_tags_while_it_was_paused(
    short: Lab, pyinfra: Pyinfra
) -> None:
    """GitLab unpauses no runner without tags, unless they come along."""
    process = in_the_middle(short, pyinfra)
    short.fault(action="lose_tags", runners=[RUNNER])
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert set(statuses(short, SHORT).values()) == {"success"}
    assert is_free(short)


def test_killed_while_the_runner_is_paused_the_next_run_goes_on(
    short: Lab, pyinfra: Pyinfra
) -> None:
    kill(in_the_middle(short, pyinfra))
    assert short.runners()[RUNNER]["paused"]
    output = converges(short, pyinfra)
    assert f"runner {RUNNER} paused: true -> false" in output


def test_a_pause_that_was_left_is_taken_back_also_when_there_is_no_pipeline_any_more(
    short: Lab, pyinfra: Pyinfra
) -> None:
    kill(in_the_middle(short, pyinfra))
    cancel(short, SHORT)
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "--dry")
    assert code == 0, output
    assert f"runner {RUNNER} paused: true -> false" in output
    assert sent(short, before) == []
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert is_free(short)
    assert sent(short, before) == [f"PUT /runners/{RUNNER}"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_the_runner_is_paused_it_is_unpaused(
    short: Lab, pyinfra: Pyinfra, number: int
) -> None:
    code, output = end(in_the_middle(short, pyinfra), number)
    assert code == 128 + number, output
    assert "put back" in output
    assert is_free(short)
    converges(short, pyinfra)


def test_the_pause_of_somebody_else_is_left_alone(short: Lab, pyinfra: Pyinfra) -> None:
    paused = {"paused": True, "maintenance_note": "disk is replaced, Tom"}
    someone(short, "PUT", f"/runners/{RUNNER}", paused)
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 1
    assert "what is left, no runner can take:" in output
    assert "nobody: 17 k8s-runner-4 is paused" in output
    assert sent(short, before) == []
    runner = short.runners()[RUNNER]
    assert {name: runner[name] for name in paused} == paused


def test_what_is_left_fits_the_terminal(short: Lab, pyinfra: Pyinfra) -> None:
    someone(short, "PUT", f"/runners/{RUNNER}", {"paused": True, "maintenance_note": "Tom"})
    output = on_a_terminal(pyinfra, 72, "inventory.py", "deploys/follow_experiment.py", "-y")
    table = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", output).partition("no runner can take:")[2]
    # The last cell is wrapped, and stays in its column.
    assert re.search(r"nobody: 17\r\n {36,}k8s-runner-4 is", table), table


@pytest.mark.parametrize(("is_replaced", "code"), [(True, 0), (False, 1)])
def test_what_is_left_is_no_success_while_a_replacement_is_open(
    short: Lab, pyinfra: Pyinfra, is_replaced: bool, code: int
) -> None:
    """In deploys/site.py it is no error that a person has paused the runner."""
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    someone(short, "PUT", f"/runners/{RUNNER}", {"paused": True, "maintenance_note": "Tom"})
    if is_replaced:
        short.fault(action="replace_pod", pod="gitlab-runner-4")
    found, output = pyinfra.deploy("follow_experiment", "-y", "--data", "stalled_is_error=false")
    assert found == code, output
    assert "what is left, no runner can take:" in output


def test_a_person_who_keeps_the_runner_paused_after_the_last_job_is_not_waited_for(
    short: Lab, pyinfra: Pyinfra
) -> None:
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    someone(short, "PUT", f"/runners/{RUNNER}", {"paused": True, "maintenance_note": "Tom"})
    for job in JOBS[1:]:
        short.fault(action="finish_job", job=job)
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", f"pipeline={SHORT}")
    assert code == 1
    text = " ".join(output.split())
    assert f"pipeline {SHORT} is over, but after " in text
    assert f"the pod of runner {RUNNER} is not replaced after its last job, {JOBS[0]}:" in text
    assert "somebody has paused it, so unpause it first. To go on: --data" in text
    assert sent(short, before) == []


@pytest.mark.parametrize("note", ["", " two lines,\nand\tspaces ", "long " * 170])
def test_the_own_note_of_the_runner_comes_back_exactly(
    short: Lab, pyinfra: Pyinfra, note: str
) -> None:
    """Also after a run that was killed."""
    someone(short, "PUT", f"/runners/{RUNNER}", {"maintenance_note": note})
    kill(in_the_middle(short, pyinfra, note))
    assert len(short.runners()[RUNNER]["maintenance_note"]) <= LONGEST_NOTE
    converges(short, pyinfra, note)


def test_a_note_that_leaves_no_room_for_the_mark_is_left(short: Lab, pyinfra: Pyinfra) -> None:
    note = "x" * 1000
    someone(short, "PUT", f"/runners/{RUNNER}", {"maintenance_note": note})
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "follow_seconds=3")
    assert code == 1
    assert "not replaced: its maintenance note of 1000 characters leaves no room" in output
    assert sent(short, before) == []
    assert is_free(short, note)


def test_another_run_that_replaces_the_pod_is_left_alone(short: Lab, pyinfra: Pyinfra) -> None:
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    pause = anna()
    someone(short, "PUT", f"/runners/{RUNNER}", pause)
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "follow_seconds=5")
    assert code == 1
    assert f"another run has paused runner {RUNNER}, and is left alone: anna@her-laptop" in output
    line = "another run replaces the pod, and is left alone: anna@her-laptop, pid 7, 20"
    assert output.count(line) == 1
    assert "not replaced" not in output
    assert "no runner can take" not in output  # It lasts longer than `stalled_seconds`.
    assert sent(short, before) == []
    assert settings(short) == pause


def test_the_pod_is_replaced_as_soon_as_another_run_has_ended(short: Lab, pyinfra: Pyinfra) -> None:
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    someone(short, "PUT", f"/runners/{RUNNER}", anna())
    process = start(pyinfra)
    reads = f"/api/v4/runners/{RUNNER}"
    wait_for(lambda: [r["path"] for r in short.requests()].count(reads) > 3)
    before = now(short)
    someone(short, "PUT", f"/runners/{RUNNER}", {"paused": False, "maintenance_note": NOTE})
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    ours = [line[:3] for line in sent(short, before)][1:]  # The first one is that above.
    assert ours == ["PUT", "DEL", "PUT"] * len(JOBS)
    assert is_free(short)


def test_the_old_pause_of_another_host_is_taken_back(short: Lab, pyinfra: Pyinfra) -> None:
    someone(short, "PUT", f"/runners/{RUNNER}", anna(minutes=7))
    output = converges(short, pyinfra)
    assert f"runner {RUNNER} paused: true -> false (left by anna@her-laptop, pid 7, 20" in output


def test_a_pause_that_gets_old_meanwhile_is_taken_back(short: Lab, pyinfra: Pyinfra) -> None:
    """300 s are given to a pod, and a minute more to a pause: this one has 20 s left."""
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    someone(short, "PUT", f"/runners/{RUNNER}", anna(minutes=6 - 20 / 60))
    output = converges(short, pyinfra)
    assert "another run replaces the pod, and is left alone: anna@her-laptop" in output
    assert "a run that is over has left the runner paused (anna@her-laptop, pid 7, 20" in output


def test_of_two_runs_that_pause_at_once_only_the_last_goes_on(short: Lab, pyinfra: Pyinfra) -> None:
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    theirs = someone(short, "GET", f"/runners/{RUNNER}") | anna()
    # After the own pause it is read twice.
    short.fault(
        system="gitlab", method="GET", path=f"/runners/{RUNNER}$", action="status", status=200,
        body=theirs, times=2, after=f"PUT .*/runners/{RUNNER}$",
    )  # fmt: skip
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert "has changed the pause of the runner. It is tried again." in output
    assert "a run that is over has left the runner paused" in output  # It was its own after all.
    steps = [line[:3] for line in sent(short, before)]
    assert steps == ["PUT", "PUT"] + ["PUT", "DEL", "PUT"] * len(JOBS)
