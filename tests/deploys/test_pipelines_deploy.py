"""deploys/pipelines.py: obsolete pipelines are canceled, one complete one is kept."""

import re

from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for
from pipeline_site import (
    ACTIVE,
    CI_FILE,
    DEFUNCT,
    LIVE,
    PROJECT,
    sent,
    statuses,
    text_of,
)  # fmt: skip
from pipelines_site import (
    ALL,
    CANCEL,
    COMPLETE,
    DELETE_GHOSTS,
    PROGRAM,
    PUSHED,
    TRIGGER,
    active,
    converges,
)


def test_the_preview_shows_what_is_obsolete_and_sends_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("pipelines", "--dry", "-v")
    assert code == 0, output
    assert lab.mutations() == []
    assert f"pipeline {ACTIVE}: 4 active jobs -> canceled: of commit" in output
    assert f"would {CANCEL}" in output
    for number in DEFUNCT:
        assert f"pipeline {number} is defunct: " in output
    assert f"a duplicate of pipeline {ACTIVE}. It stays for the logs of build-k8s" in output
    assert "To delete 6933, 6934, 6935 for good: --data delete_defunct_pipelines=true" in output
    assert "--data delete_defunct_pipelines=true --data defunct_pipelines=6931" in output


def test_it_is_said_why_stages_are_missing(lab: Lab, pyinfra: Pyinfra) -> None:
    _, output = pyinfra.deploy("pipelines", "--dry")
    lines = [line.replace("[@gitlab/projects/280]", "").strip() for line in output.splitlines()]
    first = lines.index("pipeline 6935 (push) lacks 11 jobs")
    last = lines.index("triggered through the API a pipeline has all jobs")
    text = " ".join(lines[first : last + 1])
    rule = re.search(r"experiment:build, rule 3 in line (\d+) \((.*), changes\), needs a ch", text)
    assert rule and rule[2] == 'if: $CI_PIPELINE_SOURCE == "push"'
    assert rule[2] in text_of(lab, CI_FILE).splitlines()[int(rule[1]) - 1]
    assert "needs a change of one of: src/cpp/**/*.cpp, " in text
    assert "and the push has changed: README.md, k8s/base/kafka-user.yaml" in text
    assert max(map(len, output.splitlines()[first : last + 1])) <= 110
    assert f"pipeline 6935 is defunct: a part of pipeline {LIVE}" in output


def test_the_obsolete_one_is_canceled_and_the_complete_one_kept(lab: Lab, pyinfra: Pyinfra) -> None:
    converges(lab, pyinfra, LIVE)
    assert sent(lab) == [CANCEL]
    assert set(lab.pipelines()) == ALL
    assert lab.pipelines()[ACTIVE]["status"] == "canceled"


def test_what_was_said_before_the_run_is_not_said_again(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = run_confirmed(pyinfra, "pipelines", lambda: None)
    assert code == 0, output
    assert sent(lab) == [CANCEL]
    assert "since the preview" not in output
    for text in ("6935 (push) lacks 11 jobs", "6935 is defunct", "To delete 6933, 6934, 6935"):
        assert output.count(text) == 1, text


def test_a_cancellation_that_is_not_carried_out_is_reported(lab: Lab, pyinfra: Pyinfra) -> None:
    """GitLab answers 200 in any case."""
    lab.fault(system="gitlab", method="POST", path="/cancel$", action="status", status=200)
    code, output = pyinfra.deploy("pipelines", "-y", "--data", "cancel_seconds=2")
    assert code == 1
    assert f"pipeline {ACTIVE} was told to cancel and is still active after 2 s" in output
    assert ACTIVE in active(lab)
    converges(lab, pyinfra, LIVE)


def test_it_waits_for_the_pipeline_itself_after_its_jobs(lab: Lab, pyinfra: Pyinfra) -> None:
    """Its jobs have ended at once; the pipeline is canceling for a while."""
    lab.fault(action="set", cancel_seconds=60)
    code, output = pyinfra.deploy("pipelines", "-y", "--data", "cancel_seconds=2")
    assert code == 1
    assert not {"pending", "running", "created", "canceling"} & set(statuses(lab, ACTIVE).values())
    assert f"pipeline {ACTIVE} was told to cancel and is still active after 2 s" in output


def test_the_complete_one_is_triggered_before_anything_is_canceled(
    pushed: Lab, pyinfra: Pyinfra
) -> None:
    """An obsolete one that does not end keeps nobody waiting."""
    pushed.fault(system="gitlab", method="POST", path=f"{ACTIVE}/cancel$", action="status",
                 status=200)  # fmt: skip
    code, _ = pyinfra.deploy("pipelines", "-y", "--data", "cancel_seconds=2")
    assert code == 1
    assert sent(pushed)[0] == TRIGGER
    assert set(sent(pushed)[1:]) == {
        f"POST {PROJECT}/pipelines/{number}/cancel" for number in (ACTIVE, LIVE, PUSHED)
    }


def test_where_none_can_be_triggered_nothing_is_canceled(pushed: Lab, pyinfra: Pyinfra) -> None:
    pushed.fault(system="gitlab", method="POST", path="/pipeline$", action="status", status=400)
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 1
    assert f"{TRIGGER} -> 400" in output
    assert sent(pushed) == [TRIGGER]


def test_a_push_after_the_trigger_ends_the_run_before_anything_is_canceled(
    pushed: Lab, pyinfra: Pyinfra
) -> None:
    """The head has no complete pipeline again, and the one of this run is the best there is."""
    pushed.fault(
        system="gitlab", method="GET", path=f"/pipelines/{COMPLETE}/jobs$", action="timeout",
        seconds=3,
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/pipelines.py", "-y", *DELETE_GHOSTS)
    wait_for(lambda: COMPLETE in pushed.pipelines())
    pushed.fault(action="commit", remote="gitlab", branch="development")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert sent(pushed) == [TRIGGER]
    head = pushed.heads("gitlab")["development"][:8]
    assert f"no complete pipeline of the head {head} among the newest" in output
    assert "nothing is canceled" in output


def test_the_one_that_this_run_has_triggered_is_left_to_the_next_run(
    pushed: Lab, pyinfra: Pyinfra
) -> None:
    """A push has a complete one of its own."""
    pushed.fault(
        system="gitlab", method="GET", path=f"/pipelines/{COMPLETE}/jobs$", action="timeout",
        seconds=3,
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/pipelines.py", "-y")
    wait_for(lambda: COMPLETE in pushed.pipelines())
    pushed.fault(action="commit", remote="gitlab", branch="development", files=PROGRAM)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert f"pipeline {COMPLETE} is obsolete (of commit" in output
    assert "and stays: this run has triggered it" in output
    assert active(pushed) == {COMPLETE, COMPLETE + 1}
    converges(pushed, pyinfra, COMPLETE + 1)
