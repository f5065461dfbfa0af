"""deploys/pipelines.py: obsolete ones end, defunct ones go with approval, one is complete."""

import re
import time

import pytest
from confirmed import run_confirmed
from lab_process import ROOT, Lab, Pyinfra
from limits import LIMIT
from moments import kill, read_until, wait_for
from pipeline_site import (
    ACTIVE,
    CI_FILE,
    DEFUNCT,
    LIVE,
    PROJECT,
    WITH_SUCCESSFUL_JOBS,
    cancel,
    now,
    sent,
    someone,
    statuses,
    text_of,
)  # fmt: skip

ALL = {WITH_SUCCESSFUL_JOBS, ACTIVE, *DEFUNCT, LIVE}
PUSHED, COMPLETE = LIVE + 1, LIVE + 2
PROGRAM = {"src/cpp/more.cpp": "int more();\n"}
CANCEL = f"POST {PROJECT}/pipelines/{ACTIVE}/cancel"
TRIGGER = f"POST {PROJECT}/pipeline"
DELETE_GHOSTS = ("--data", "delete_defunct_pipelines=true")


@pytest.fixture
def pushed(lab: Lab) -> Lab:
    """The site after a push of configuration only, whose pipeline has 8 jobs in 2 stages."""
    lab.fault(action="commit", remote="gitlab", branch="development")
    assert len(lab.jobs(PUSHED)) == 8
    return lab


def active(lab: Lab) -> set[int]:
    going_on = {"created", "pending", "running", "canceling"}
    return {number for number in lab.pipelines() if going_on & set(statuses(lab, number).values())}


def converges(lab: Lab, pyinfra: Pyinfra, complete: int) -> str:
    """Run, and run once more: one complete active pipeline of the head, and nothing more to do."""
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 0, output
    found = lab.pipelines()
    assert max(found) == complete
    assert found[complete]["sha"] == lab.heads("gitlab")["development"]
    assert len(lab.jobs(complete)) == {"push": 19, "api": 21}[found[complete]["source"]]
    assert active(lab) == {complete}
    before = now(lab)
    code, last = pyinfra.deploy("pipelines", "-y")
    assert code == 0, last
    assert sent(lab, before) == []
    return output


def test_the_preview_shows_what_is_obsolete_and_sends_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("pipelines", "--dry")
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


WRONG_JOBS = f"""
from pyinfra import host, local
if "project" in host.groups:
    host.data.pipeline_jobs = [*host.data.pipeline_jobs, "experiment:bulid"]
local.include("{ROOT}/deploys/pipelines.py")
"""


def test_a_job_that_does_not_exist_cancels_nothing_and_triggers_once(
    pushed: Lab, pyinfra: Pyinfra
) -> None:
    wrong = pyinfra.write(WRONG_JOBS)
    code, output = pyinfra.run(
        "inventory.py", wrong, "-y", "--data", "delete_defunct_pipelines=true"
    )
    assert code == 1
    assert sent(pushed) == [TRIGGER]
    text = f"pipeline {COMPLETE} was triggered and lacks experiment:bulid"
    assert f"{text}: correct pipeline_jobs in group_data/project.py" in output
    code, output = pyinfra.run("inventory.py", wrong, "-y")
    assert code == 1
    assert sent(pushed) == [TRIGGER]
    assert f"pipeline {COMPLETE} was triggered through the API and lacks experiment:bulid" in output
    assert "Traceback" not in output
    converges(pushed, pyinfra, COMPLETE)
    assert sent(pushed).count(TRIGGER) == 1


def test_a_part_that_somebody_has_triggered_is_replaced_as_the_error_says(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    """Variables that are given with the trigger may make rules leave jobs out."""
    cancel(lab, LIVE, ACTIVE)
    variables = [{"key": "CI_PIPELINE_SOURCE", "value": "schedule"}]
    body = {"ref": "development", "variables": variables}
    part = someone(lab, "POST", f"{PROJECT}/pipeline", body)["id"]
    assert len(lab.jobs(part)) == 8
    lab.wait(lambda: "pending" in statuses(lab, part).values())
    lab.fault(action="finish_job", job="build-k8s", status="success")
    before = now(lab)
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 1
    assert sent(lab, before) == []
    assert f"pipeline {part} was triggered through the API and lacks experiment:build" in output
    advice = re.search(r"have it replaced: (--data .*)", " ".join(output.split()))
    assert advice
    data = re.findall(r"\w+=[\w,]+", advice[1])
    assert f"defunct_pipelines={part}" in data and f"obsolete_pipelines={part}" in data
    arguments = [argument for one in data for argument in ("--data", one)]
    code, output = pyinfra.deploy("pipelines", "-y", *arguments)
    assert code == 0, output
    assert part not in lab.pipelines()
    converges(lab, pyinfra, part + 1)


@pytest.fixture
def slow(lab: Lab, pyinfra: Pyinfra) -> Lab:
    """The site, where a push has its pipeline when the test says so."""
    lab.fault(action="set", push_seconds=3600)
    pyinfra.environment["PUSH_PIPELINE_SECONDS"] = "600"
    return lab


def push(lab: Lab, path: str) -> None:
    """Commit to GitLab as a colleague does; the pipeline comes later."""
    action = {"action": "create", "file_path": path, "content": "more"}
    body = {"branch": "development", "commit_message": "Add a file", "actions": [action]}
    someone(lab, "POST", f"{PROJECT}/repository/commits", body)
    assert PUSHED not in lab.pipelines()


def test_the_pipeline_of_a_push_is_awaited_and_none_is_triggered_beside_it(
    slow: Lab, pyinfra: Pyinfra
) -> None:
    push(slow, "src/cpp/more.cpp")
    process = pyinfra.start("inventory.py", "deploys/pipelines.py", "-y")
    read_until(process, "wait for the pipeline of")
    slow.fault(action="advance", seconds=3600)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    converges(slow, pyinfra, PUSHED)
    assert TRIGGER not in sent(slow)


def test_after_a_part_of_a_pipeline_nothing_more_is_awaited(slow: Lab, pyinfra: Pyinfra) -> None:
    push(slow, "NOTES.md")
    slow.fault(action="advance", seconds=3600)
    began = time.monotonic()
    converges(slow, pyinfra, COMPLETE)
    assert time.monotonic() - began < LIMIT
    assert sent(slow).count(TRIGGER) == 1


def test_a_push_that_lacks_manual_jobs_alone_is_complete(lab: Lab, pyinfra: Pyinfra) -> None:
    """It has 19 of the 21 jobs; the other two are started by hand, and only after the API."""
    lab.fault(action="commit", remote="gitlab", branch="development", files=PROGRAM)
    assert len(lab.jobs(PUSHED)) == 19
    output = converges(lab, pyinfra, PUSHED)
    assert TRIGGER not in sent(lab)
    assert f"POST {PROJECT}/pipelines/{PUSHED}/cancel" not in sent(lab)
    assert f"pipeline {PUSHED}" not in output


UNDECIDED = """workflow:
  rules:
    - if: $NIGHTLY == null
build-k8s:
  tags: [kubernetes]
  script: [make]
"""


def test_where_the_rules_cannot_be_decided_it_is_said_and_nothing_is_canceled(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    """Nobody knows here what value a variable of the project, its group or the instance has."""
    files = {CI_FILE: UNDECIDED}
    lab.fault(action="commit", remote="gitlab", branch="development", files=files)
    before = now(lab)
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 1
    assert "Traceback" not in output
    assert "is undecided, so none is triggered, canceled or deleted" in output
    assert "it depends on rule 1 in line 3 (if: $NIGHTLY == null)" in output
    assert sent(lab, before) == []
    assert {LIVE, PUSHED} <= active(lab)
    arguments = ("--data", "pipeline_jobs=build-k8s")
    code, output = pyinfra.deploy("pipelines", "-y", *arguments)
    assert code == 0, output
    assert active(lab) == {PUSHED}


def test_a_push_without_a_pipeline_is_awaited_for_its_time(slow: Lab, pyinfra: Pyinfra) -> None:
    push(slow, "NOTES.md")
    code, output = pyinfra.deploy("pipelines", "--dry")
    assert code == 0, output
    assert "would wait for the pipeline of" in output
    assert "s: the push makes none" not in output
    # Enough that a busy machine looks before the time is over.
    pyinfra.environment["PUSH_PIPELINE_SECONDS"] = "20"
    push(slow, "MORE.md")
    output = converges(slow, pyinfra, PUSHED)
    assert "s: the push makes none" in output
    assert sent(slow).count(TRIGGER) == 1


@pytest.fixture
def costly(lab: Lab) -> Lab:
    """The active pipeline has a result of the experiment, and a push has made it obsolete."""
    lab.fault(action="finish_job", job="experiment:mariadb", status="success")
    lab.fault(action="commit", remote="gitlab", branch="development")
    return lab


def test_an_obsolete_one_with_results_stays_unless_it_is_listed(
    costly: Lab, pyinfra: Pyinfra
) -> None:
    before = now(costly)
    code, output = pyinfra.deploy("pipelines", "--dry")
    assert code == 0, output
    assert sent(costly, before) == []
    assert f"pipeline {LIVE} is obsolete (of commit" in output
    assert "and stays: experiment:mariadb was successful" in output
    assert f"To cancel {LIVE} all the same: --data obsolete_pipelines={LIVE}" in output
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 0, output
    assert active(costly) == {LIVE, COMPLETE}
    code, output = pyinfra.deploy("pipelines", "-y", "--data", f"obsolete_pipelines={LIVE},1")
    assert code == 0, output
    assert active(costly) == {COMPLETE}
    assert sent(costly).count(TRIGGER) == 1


def test_a_result_whose_job_was_retried_keeps_it_too(costly: Lab, pyinfra: Pyinfra) -> None:
    done = costly.jobs(LIVE)["experiment:mariadb"]["id"]
    someone(costly, "POST", f"{PROJECT}/jobs/{done}/retry")
    assert statuses(costly)["experiment:mariadb"] == "pending"
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 0, output
    assert LIVE in active(costly)
    assert "and stays: experiment:mariadb was successful and then retried" in output


def test_only_the_newest_ones_are_looked_at_in_one_request(lab: Lab, pyinfra: Pyinfra) -> None:
    before = now(lab)
    code, output = pyinfra.deploy("pipelines", "-y", "--data", "newest_pipelines=3")
    assert code == 0, output
    assert sent(lab) == []
    assert ACTIVE in active(lab)
    asked = [r for r in lab.requests(since=before) if r["path"].endswith("/280/pipelines")]
    assert len(asked) == 3  # one for each operation
    for request in asked:
        assert (request["query"]["ref"], request["query"]["per_page"]) == ("development", "3")
    assert not [r for r in lab.requests() if re.search("/pipelines/693[123]", r["path"])]
    assert "pipeline 6933" not in output


def test_one_that_somebody_deletes_meanwhile_is_nothing_to_do(lab: Lab, pyinfra: Pyinfra) -> None:
    gone = f"/pipelines/{ACTIVE}(/cancel)?$"
    lab.fault(system="gitlab", method="POST", path=gone, action="status", status=404)
    lab.fault(system="gitlab", method="GET", path=gone, action="status", status=404)
    lab.fault(system="gitlab", method="DELETE", path="6934$", action="status", status=404)
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert f"pipeline {ACTIVE} is gone: somebody has deleted it" in output
    assert set(lab.pipelines()) == ALL - {6933, 6935}


def test_defunct_ones_are_deleted_only_with_approval(lab: Lab, pyinfra: Pyinfra) -> None:
    before = now(lab)
    code, output = pyinfra.deploy("pipelines", "--dry", *DELETE_GHOSTS)
    assert code == 0, output
    assert sent(lab, before) == []
    assert "pipeline 6935: exists -> deleted: a part of pipeline 6936" in output
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert set(lab.pipelines()) == ALL - DEFUNCT
    before = now(lab)
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert sent(lab, before) == []
    assert "is defunct" not in output.replace(f"{WITH_SUCCESSFUL_JOBS} is defunct", "")


def test_one_that_was_canceled_in_this_run_is_deleted_as_the_preview_says(
    pushed: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.deploy("pipelines", "--dry", *DELETE_GHOSTS)
    assert code == 0, output
    text = f"pipeline {PUSHED} is defunct once it is canceled, and then deleted, too: "
    assert text in output
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert set(pushed.pipelines()) == {WITH_SUCCESSFUL_JOBS, ACTIVE, LIVE, COMPLETE}


def test_one_with_a_successful_job_is_deleted_only_if_it_is_listed(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    listed = ("--data", f"defunct_pipelines={WITH_SUCCESSFUL_JOBS}")
    pyinfra.deploy("pipelines", "-y", *listed)
    assert set(lab.pipelines()) == ALL
    code, output = pyinfra.deploy("pipelines", "-y", *listed, *DELETE_GHOSTS)
    assert code == 0, output
    assert set(lab.pipelines()) == {ACTIVE, LIVE}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("defunct_pipelines=6931;6935", "defunct_pipelines is a list of ids, not '6931;6935'"),
        ("obsolete_pipelines=all", "obsolete_pipelines is a list of ids, not 'all'"),
        ("delete_defunct_pipelines=1", "delete_defunct_pipelines is true or false, not '1'"),
    ],
)
def test_an_approval_that_is_not_clear_is_none(
    lab: Lab, pyinfra: Pyinfra, data: str, message: str
) -> None:
    code, output = pyinfra.deploy("pipelines", "-y", "--data", data)
    assert code == 1
    assert message in output
    assert "Traceback" not in output
    assert lab.mutations() == []


def test_the_answer_to_a_deletion_is_lost(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="gitlab", method="DELETE", action="apply_then_reset", times=-1)
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert set(lab.pipelines()) == ALL - DEFUNCT


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
        seconds=20, skip=2,
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
        status=503, skip=2, times=2,
    )  # fmt: skip
    output = converges(lab, pyinfra, LIVE)
    assert "not readable (1), trying again" in output
