"""deploys/unblock_pipeline.py: jobs that end without a runner, and faults in the middle."""

import re
import time

import pytest
from forked import Process
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import TAGS, kill, wait_for
from pipeline_site import (
    ACTIVE,
    CI_FILE,
    LIVE,
    PROJECT,
    WAITING,
    cancel,
    pending,
    row,
    sent,
    set_all_tags,
    someone,
)  # fmt: skip

JOBS_PATH = f"/pipelines/{LIVE}/jobs$"
BEFORE = 2  # reads of the jobs before the watch: when it is prepared, and when it is executed


def looks(lab: Lab) -> int:
    """How often the jobs were read, also before the watch."""
    return sum(bool(re.search(JOBS_PATH, r["path"])) for r in lab.requests(system="gitlab"))


def watching(lab: Lab, pyinfra: Pyinfra, *arguments: str) -> Process:
    """Start the watch, until only build-macos-arm waits: its runner is busy for a while."""
    process = pyinfra.start("inventory.py", "deploys/unblock_pipeline.py", "-y", *arguments)
    wait_for(lambda: pending(lab) == {"build-macos-arm"} and looks(lab) >= BEFORE + 2)
    return process


def waiting_job(lab: Lab) -> int:
    return int(lab.jobs(LIVE)["build-macos-arm"]["id"])


def test_a_job_that_is_canceled_without_a_runner_fails_it(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=60)
    process = watching(lab, pyinfra)
    someone(lab, "POST", f"{PROJECT}/jobs/{waiting_job(lab)}/cancel")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert re.search(r"after \d+ s build-macos-arm is canceled", output)
    assert re.search(
        r"no job waits any more, after \d+ s, and no runner had build-macos-arm", output
    )


def test_a_stuck_job_fails_it_with_gitlabs_reason(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=60)
    process = watching(lab, pyinfra)
    lab.fault(action="drop_job", job=waiting_job(lab))
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert "build-macos-arm is failed (stuck_or_timeout_failure)" in output
    assert "and no runner had build-macos-arm" in output


def test_a_job_that_is_retried_is_followed_by_its_name(lab: Lab, pyinfra: Pyinfra) -> None:
    """Another job still waits, so the watch goes on after the cancellation."""
    lab.fault(action="set", loss_delay=3600, job_seconds=60)
    lab.fault(action="set_online", runner=14, online=False)
    process = pyinfra.start("inventory.py", "deploys/unblock_pipeline.py", "-y")
    wait_for(
        lambda: pending(lab) == {"build-macos-arm", "build-ubuntu-x86"} and looks(lab) >= BEFORE + 2
    )
    old = waiting_job(lab)
    someone(lab, "POST", f"{PROJECT}/jobs/{old}/cancel")
    seen = looks(lab)
    wait_for(lambda: looks(lab) >= seen + 2)
    someone(lab, "POST", f"{PROJECT}/jobs/{old}/retry")
    assert waiting_job(lab) != old
    lab.fault(action="set", job_seconds=1)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert "build-macos-arm is canceled" in output
    assert "build-macos-arm is picked up by 8 node6-macos-arm" in output


def test_a_job_that_was_picked_up_and_then_canceled_had_its_runner(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=60)
    process = watching(lab, pyinfra, "--data", "watch_interval=2")
    lab.fault(action="finish_job", job=waiting_job(lab), status="canceled")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert "no job waits any more" in output


def test_a_pipeline_that_is_deleted_ends_the_watch(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=60)
    process = watching(lab, pyinfra)
    someone(lab, "DELETE", f"{PROJECT}/pipelines/{LIVE}")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert f"GET /projects/280/pipelines/{LIVE}/jobs -> 404" in output


def test_only_so_many_jobs_are_looked_after_the_oldest_first(lab: Lab, pyinfra: Pyinfra) -> None:
    """The newest one could be taken by nobody, and is not waited for."""
    lab.fault(action="set", loss_delay=3600, job_seconds=5)
    lab.fault(action="set_online", runner=17, online=False)
    code, output = pyinfra.deploy("unblock_pipeline", "-y", "--data", "unblock_most_jobs=1")
    assert code == 0, output
    assert "watch 1 pending job of" in output
    assert re.search(r"left alone: \d more pending jobs?", output)
    assert "experiment:build" in pending(lab)


@pytest.mark.parametrize("obstacle", ["paused", "offline"])
def test_a_job_that_nobody_can_take_fails_with_the_reason(
    lab: Lab, pyinfra: Pyinfra, obstacle: str
) -> None:
    lab.fault(action="set", job_seconds=60)
    if obstacle == "paused":
        someone(lab, "PUT", "/runners/8", {"paused": True, "tag_list": ["macos", "arm64"]})
    else:
        lab.fault(action="set_online", runner=8, online=False)
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 1
    assert "what still waits, no runner can take:" in output
    assert row(output, "build-macos-arm").endswith(f"nobody: 8 node6-macos-arm is {obstacle}")
    assert pending(lab) == {"build-macos-arm"}
    assert lab.runners()[8]["paused"] is (obstacle == "paused")


def test_a_job_with_tags_that_no_runner_has_is_named(lab: Lab, pyinfra: Pyinfra) -> None:
    cancel(lab, LIVE, ACTIVE)
    configuration = "\n".join(
        [
            "build-windows:",
            "  tags: [windows, x86_64]",
            "  script: [make]",
            "build-debian:",
            "  tags: [debian, x86_64]",
            "  script: [make]",
            "",
        ]
    )
    files = {CI_FILE: configuration}
    lab.fault(action="commit", remote="gitlab", branch="development", files=files)
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 1
    assert "build-debian" not in pending(lab, LIVE + 1)
    wanted = "nobody: no runner is meant for all of {windows, x86_64}"
    assert row(output, "build-windows").endswith(wanted)


def test_a_runner_that_could_take_a_job_and_does_not_poll_is_named(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    set_all_tags(lab, job_seconds=0.2)
    wait_for(lambda: pending(lab) == {"experiment:preflight"})
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 1
    assert "these runners do not poll (follow_experiment): [17]" in output
    assert row(output, "experiment:preflight").endswith("17 k8s-runner-4")
    assert sent(lab) == []


def test_it_ends_at_the_deadline_and_says_who_still_waits(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=600)
    began = time.monotonic()
    code, output = pyinfra.deploy("unblock_pipeline", "-y", "--data", "unblock_seconds=3")
    assert code == 1
    assert time.monotonic() - began < LIMIT  # Its jobs take 600 s.
    assert "still waiting after 3 s: build-macos-arm" in output
    assert row(output, "build-macos-arm").endswith("8 node6-macos-arm")


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "status": 503, "path": JOBS_PATH},
        {"action": "status", "status": 500, "path": "/api/graphql"},
        {"action": "timeout", "seconds": 1, "path": JOBS_PATH},
    ],
    ids=["503", "500", "timeout"],
)
def test_the_api_fails_while_it_watches(
    lab: Lab, pyinfra: Pyinfra, fault: dict[str, object]
) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=600)
    process = watching(lab, pyinfra)
    lab.fault(system="gitlab", times=2, **fault)

    def asked() -> int:
        return sum(bool(re.search(str(fault["path"]), r["path"])) for r in lab.requests())

    before = asked()
    wait_for(lambda: asked() >= before + 4)
    lab.fault(action="advance", seconds=600)  # The job that keeps the runner busy is over.
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert "not readable (1), trying again" in output
    assert "no job waits any more" in output
    assert not WAITING & pending(lab)


def test_a_lost_tag_is_set_again_although_the_first_attempt_fails(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", loss_delay=1, job_seconds=6)
    lab.fault(
        system="gitlab", method="PUT", path="/runners/8$", action="status", status=502, skip=1
    )
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 0, output
    assert "PUT /runners/8 -> 502" in output
    assert lab.jobs(LIVE)["build-macos-arm"]["runner"] == 8


def test_killed_while_it_watches_a_rerun_reaches_the_same_state(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=6)
    process = pyinfra.start("inventory.py", "deploys/unblock_pipeline.py", "-y")
    wait_for(lambda: pending(lab) == {"build-macos-arm"})
    kill(process)
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 0, output
    assert not WAITING & pending(lab)
    assert lab.tags() == TAGS
    assert len(sent(lab)) == len(TAGS)


def test_killed_between_two_runners_a_rerun_sets_the_rest(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=6)
    lab.fault(system="gitlab", method="PUT", path="/runners/9$", action="timeout", seconds=20)
    process = pyinfra.start("inventory.py", "deploys/unblock_pipeline.py", "-y")
    wait_for(lambda: re.search("PUT /runners/9", "\n".join(sent(lab))))
    kill(process)
    assert lab.tags()[9] == set()
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 0, output
    assert lab.tags() == TAGS
    assert not WAITING & pending(lab)
