"""deploys/unblock_pipeline.py: pending jobs are watched until they are picked up."""

import re

import pytest
from confirmed import run_confirmed
from lab_process import ROOT, Lab, Pyinfra
from moments import TAGS, wait_for
from pipeline_site import (
    ACTIVE,
    LIVE,
    PROJECT,
    WAITING,
    cancel,
    now,
    pending,
    row,
    sent,
    set_all_tags,
    someone,
)  # fmt: skip

PUSHED = LIVE + 1


def test_the_preview_shows_who_waits_for_what_and_sends_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("unblock_pipeline", "--dry")
    assert code == 0, output
    assert lab.mutations() == []
    assert row(output, "build-debian-x86") == (
        "build-debian-x86 {debian, x86_64} 11 pve1-linux-x86, 12 pve2-linux-x86 (once tagged)"
    )
    assert row(output, "experiment:build").endswith("17 k8s-runner-4 (once tagged)")
    cause = "12 of 12 runners have no tags at once. This is GitLab issue 524402"
    assert output.count(cause) == 1
    assert output.index(cause) < output.index("build-debian-x86")
    assert "First: deploys/fix_tags.py" in output
    assert "tag_list: {} -> {arm64, macos} (node6-macos-arm)" in output
    assert f"would watch 4 pending jobs of pipeline {LIVE} for at most 240 s" in output


def test_every_pending_job_is_picked_up(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=4)
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 0, output
    assert not WAITING & pending(lab)
    jobs = lab.jobs(LIVE)
    for name in WAITING:
        assert set(jobs[name]["tag_list"]) <= TAGS[jobs[name]["runner"]], name
    # The others may be taken before the watch begins.
    assert "build-macos-arm is picked up by 8 node6-macos-arm: running" in output
    assert "no job waits any more" in output


def test_where_nothing_waits_nothing_is_sent(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=0.2)
    pyinfra.deploy("unblock_pipeline", "-y")
    lab.fault(action="set", job_seconds=60)
    lab.fault(action="replace_pod", pod="gitlab-runner-4")
    wait_for(lambda: not pending(lab))
    before = now(lab)
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 0, output
    assert sent(lab, before) == []
    assert "watch" not in output


def test_without_a_live_pipeline_there_is_nothing_to_watch(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600)
    cancel(lab, LIVE, ACTIVE)
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 0, output
    assert "no pipeline of development is active: nothing to do" in output
    assert "watch" not in output
    assert lab.tags() == TAGS


@pytest.fixture
def pushed(lab: Lab) -> Lab:
    """A push has made a newer pipeline, with 8 of the 21 jobs."""
    lab.fault(action="set", loss_delay=3600, job_seconds=2)
    lab.fault(action="commit", remote="gitlab", branch="development")
    assert len(lab.jobs(PUSHED)) == 8
    return lab


def test_the_complete_pipeline_is_looked_after_and_not_a_newer_part(
    pushed: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.deploy("unblock_pipeline", "--dry")
    assert code == 0, output
    assert f"would watch 4 pending jobs of pipeline {LIVE} for" in output


def test_the_one_that_is_kept_is_looked_after_and_not_hidden_by_a_failed_one(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    newer = someone(lab, "POST", f"{PROJECT}/pipeline", {"ref": "development"})["id"]
    lab.wait(lambda: pending(lab, newer))
    for job in pending(lab, newer):
        lab.fault(action="drop_job", job=lab.jobs(newer)[job]["id"])
    lab.wait(lambda: lab.pipelines()[newer]["status"] == "failed")
    code, output = pyinfra.deploy("unblock_pipeline", "--dry")
    assert code == 0, output
    assert f"would watch 4 pending jobs of pipeline {LIVE} for" in output


def test_a_new_pipeline_is_watched_until_it_has_begun(lab: Lab, pyinfra: Pyinfra) -> None:
    """Its jobs are all created at first: GitLab processes it in the background."""
    cancel(lab, LIVE, ACTIVE)
    set_all_tags(lab, job_seconds=2, process_seconds=6)
    new = someone(lab, "POST", f"{PROJECT}/pipeline", {"ref": "development"})["id"]
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert f"watch the first jobs of pipeline {new} for at most 240 s" in output
    assert pending(lab, new) == {"build-linux-riscv"}
    assert code == 1
    assert row(output, "build-linux-riscv").endswith("nobody: 10 node8-linux-riscv is paused")


def test_a_pipeline_that_does_not_begin_ends_the_watch_at_the_deadline(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    cancel(lab, LIVE, ACTIVE)
    lab.fault(action="set", process_seconds=600)
    new = someone(lab, "POST", f"{PROJECT}/pipeline", {"ref": "development"})["id"]
    data = ("--data", "unblock_seconds=3", "--data", "watch_interval=1")
    code, output = pyinfra.deploy("unblock_pipeline", "-y", *data)
    assert code == 1
    assert f"still waiting after 3 s: pipeline {new} is created" in output


def test_another_one_can_be_named(pushed: Lab, pyinfra: Pyinfra) -> None:
    named = ("--data", f"pipeline={PUSHED}")
    code, output = pyinfra.deploy("unblock_pipeline", "--dry", *named)
    assert code == 0, output
    assert f"would watch 7 pending jobs of pipeline {PUSHED} for" in output
    code, output = pyinfra.deploy("unblock_pipeline", "--dry", "--data", "pipeline=7000")
    assert code == 1
    assert "@gitlab/projects/280 has no pipeline 7000" in output
    assert "Traceback" not in output


def test_one_that_an_earlier_operation_has_triggered_is_the_live_one(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    """As in deploys/site.py: when it is prepared there is none."""
    lab.fault(action="set", loss_delay=3600, job_seconds=3)
    cancel(lab, LIVE, ACTIVE)
    both = f"""
from pyinfra import local
local.include("{ROOT}/deploys/pipelines.py")
local.include("{ROOT}/deploys/unblock_pipeline.py")
"""
    pyinfra.environment["STALLED_SECONDS"] = "600"
    code, output = pyinfra.run("inventory.py", pyinfra.write(both), "-y")
    assert re.search(rf"watch (\d pending|the first) jobs? of pipeline {LIVE + 1} for", output), (
        output
    )
    # One of its jobs waits for a runner that is paused.
    assert code == 1
    assert pending(lab, LIVE + 1) == {"build-linux-riscv"}


def test_one_that_is_triggered_after_the_preview_is_the_live_one(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=3)
    cancel(lab, LIVE, ACTIVE)
    _, output = run_confirmed(
        pyinfra,
        "unblock_pipeline",
        lambda: someone(lab, "POST", f"{PROJECT}/pipeline", {"ref": "development"}),
    )
    assert "no pipeline of development is active: nothing to do" in output
    assert "since the preview its state has changed" in output
    assert re.search(rf"watch (\d pending|the first) jobs? of pipeline {LIVE + 1} for", output), (
        output
    )
