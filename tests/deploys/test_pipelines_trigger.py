"""deploys/pipelines.py: a complete pipeline is triggered, or the one of a push awaited."""

import re
import time

import pytest
from lab_process import ROOT, Lab, Pyinfra
from limits import LIMIT
from moments import read_until
from pipeline_site import (
    ACTIVE,
    CI_FILE,
    LIVE,
    PROJECT,
    cancel,
    now,
    sent,
    someone,
    statuses,
)  # fmt: skip
from pipelines_site import (
    COMPLETE,
    DELETE_GHOSTS,
    PROGRAM,
    PUSHED,
    TRIGGER,
    active,
    converges,
    push,
)

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
