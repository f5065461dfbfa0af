"""deploys/pipelines.py: lost answers, kills and what others do meanwhile."""

import pytest
from lab_process import Lab, Pyinfra
from moments import kill, wait_for
from pipeline_site import (
    ACTIVE,
    LIVE,
    PROJECT,
    sent,
    someone,
    statuses,
)  # fmt: skip
from pipelines_site import CANCEL, COMPLETE, PUSHED, TRIGGER, active, converges


def test_a_complete_one_is_triggered_where_a_push_made_only_a_part(
    pushed: Lab, pyinfra: Pyinfra
) -> None:
    output = converges(pushed, pyinfra, COMPLETE)
    assert sent(pushed)[0] == TRIGGER
    assert sent(pushed).count(TRIGGER) == 1
    assert f"pipeline {PUSHED} (push) lacks 11 jobs" in output
    assert {pushed.pipelines()[number]["status"] for number in (ACTIVE, LIVE, PUSHED)} == {
        "canceled"
    }


@pytest.mark.parametrize("action", ["apply_then_hang", "apply_then_reset"])
def test_it_is_triggered_once_although_the_answer_is_lost(
    pushed: Lab, pyinfra: Pyinfra, action: str
) -> None:
    pushed.fault(system="gitlab", method="POST", path="/pipeline$", action=action)
    code, output = pyinfra.deploy("pipelines", "-y", "--data", "gitlab_timeout=1")
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert sent(pushed).count(TRIGGER) == 1
    converges(pushed, pyinfra, COMPLETE)
    assert sent(pushed).count(TRIGGER) == 1


def test_a_trigger_that_was_lost_is_not_repeated_by_itself(pushed: Lab, pyinfra: Pyinfra) -> None:
    pushed.fault(system="gitlab", method="POST", path="/pipeline$", action="reset")
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 1
    assert "reading again shows that it was not done. Run again." in output
    assert sent(pushed).count(TRIGGER) == 1
    assert max(pushed.pipelines()) == PUSHED
    converges(pushed, pyinfra, COMPLETE)


def test_one_that_is_being_canceled_is_not_the_complete_one(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", cancel_seconds=600)
    someone(lab, "POST", f"{PROJECT}/pipelines/{LIVE}/cancel")
    assert lab.pipelines()[LIVE]["status"] == "canceling"
    lab.fault(action="set", cancel_seconds=0.3)  # for what this run cancels
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 0, output
    assert lab.pipelines()[LIVE]["status"] == "canceling"
    assert len(lab.jobs(LIVE + 1)) == 21
    assert sent(lab).count(TRIGGER) == 1


def test_the_one_that_runs_is_kept_and_not_a_newer_one_that_has_failed(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    newer = someone(lab, "POST", f"{PROJECT}/pipeline", {"ref": "development"})["id"]
    lab.fault(action="set", loss_delay=3600, job_seconds=0.1)
    lab.fault(action="fail_job", job="build-k8s")
    lab.fault(action="set_tags", runner=6, tags=["kubernetes"])
    lab.wait(lambda: statuses(lab, newer)["build-k8s"] == "failed")
    someone(lab, "POST", f"{PROJECT}/pipelines/{newer}/cancel")
    lab.wait(lambda: lab.pipelines()[newer]["status"] == "failed")
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 0, output
    assert active(lab) == {LIVE}
    assert f"pipeline {newer} is defunct: a duplicate of pipeline {LIVE}" in output


def test_killed_while_a_cancellation_goes_on(pushed: Lab, pyinfra: Pyinfra) -> None:
    pushed.fault(
        system="gitlab", method="GET", path=f"/pipelines/{ACTIVE}/jobs$", action="timeout",
        seconds=20, after=f"POST .*/{ACTIVE}/cancel$",
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/pipelines.py", "-y")
    wait_for(lambda: CANCEL in sent(pushed))
    kill(process)
    pushed.ask("/faults", method="DELETE")
    converges(pushed, pyinfra, COMPLETE)
    assert sent(pushed).count(TRIGGER) == 1


def test_killed_while_a_complete_one_is_triggered(pushed: Lab, pyinfra: Pyinfra) -> None:
    pushed.fault(system="gitlab", method="POST", path="/pipeline$", action="apply_then_hang")
    process = pyinfra.start("inventory.py", "deploys/pipelines.py", "-y")
    wait_for(lambda: COMPLETE in pushed.pipelines())
    kill(process)
    converges(pushed, pyinfra, COMPLETE)
    assert sent(pushed).count(TRIGGER) == 1


def test_the_api_fails_while_it_waits_for_the_end(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(
        system="gitlab", method="GET", path=f"/pipelines/{ACTIVE}/jobs$", action="status",
        status=503, after=f"POST .*/{ACTIVE}/cancel$", times=2,
    )  # fmt: skip
    output = converges(lab, pyinfra, LIVE)
    assert "not readable (1), trying again" in output
