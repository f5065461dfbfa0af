"""deploys/unblock_pipeline.py: who waits for what, until all are picked up, and what ends it."""

import re
import subprocess
import time

import pytest
from confirmed import run_confirmed
from lab_process import ROOT, Lab, Pyinfra
from limits import LIMIT
from moments import TAGS, kill, wait_for
from pipeline_site import (
    ACTIVE,
    CI_FILE,
    LIVE,
    PROJECT,
    bodies,
    cancel,
    now,
    pending,
    sent,
    set_all_tags,
    someone,
    statuses,
)  # fmt: skip

WAITING = {"build-debian-x86", "build-ubuntu-x86", "build-macos-arm", "experiment:build"}
JOBS_PATH = f"/pipelines/{LIVE}/jobs$"
PUSHED = LIVE + 1
ONLY_GITLAB = ("--limit", "runners", "--limit", "project")


def row(output: str, job: str) -> str:
    """The last line of a table about a job, with single spaces."""
    lines = [" ".join(line.split()) for line in output.splitlines()]
    return [line for line in lines if line.startswith(f"{job} {{")][-1]


def resets(lab: Lab) -> list[set[str]]:
    """The tags that runner 8 was given. It is busy with the same job of an older pipeline."""
    return [set(body["tag_list"]) for body in bodies(lab, "PUT", "/runners/8")]


def looks(lab: Lab) -> int:
    """How often the jobs were read: once before the watch, then by the watch."""
    return sum(bool(re.search(JOBS_PATH, r["path"])) for r in lab.requests(system="gitlab"))


def test_the_preview_shows_who_waits_for_what_and_sends_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("unblock_pipeline", "--dry")
    assert code == 0, output
    assert lab.mutations() == []
    assert row(output, "build-debian-x86") == (
        "build-debian-x86 {debian, x86_64} 11 pve1-linux-x86, 12 pve2-linux-x86 (once tagged)"
    )
    assert row(output, "experiment:build").endswith("17 k8s-runner-4 (once tagged)")
    cause = "12 of 12 runners have no tags at once. That is not a mistake in settings but"
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
    cancel(lab, LIVE, ACTIVE)
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 0, output
    assert "no pipeline of development is active: nothing to do" in output
    assert "watch" not in output
    assert lab.tags() != {number: set() for number in TAGS}


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


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "refuse_ssh", "seconds": 600},
        {"system": "kubernetes", "action": "status", "status": 503, "times": -1},
    ],
    ids=["no-ssh", "no-cluster"],
)
def test_the_cluster_may_be_down(lab: Lab, pyinfra: Pyinfra, fault: dict[str, object]) -> None:
    lab.fault(**fault)
    lab.fault(action="set", loss_delay=3600, job_seconds=2)
    code, output = pyinfra.deploy("unblock_pipeline", "-y", *ONLY_GITLAB)
    assert code == 0, output
    assert lab.tags() == TAGS
    assert not WAITING & pending(lab)
    assert lab.requests(system="kubernetes") == []


def test_a_tag_is_taken_away_only_with_approval(lab: Lab, pyinfra: Pyinfra) -> None:
    """With -y, too, no runner is changed before the one with a tag too many is found."""
    set_all_tags(lab, job_seconds=2)
    lab.fault(action="set_tags", runner=6, tags=[])
    lab.fault(action="set_tags", runner=17, tags=["more", *TAGS[17]])
    code, output = pyinfra.deploy("unblock_pipeline", "-y", *ONLY_GITLAB)
    assert code == 1
    assert "this would take away {more}" in output
    assert "To approve: --data allow_tag_removal=true" in output
    assert sent(lab) == []
    code, output = pyinfra.deploy(
        "unblock_pipeline", "-y", *ONLY_GITLAB, "--data", "allow_tag_removal=true"
    )
    assert lab.tags() == TAGS


def test_a_lost_tag_is_set_again_at_once(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=1, job_seconds=5)
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 0, output
    assert len(resets(lab)) >= 3
    assert all(tags == TAGS[8] for tags in resets(lab))
    assert "runner 8 lacked {arm64, macos}: PUT /runners/8" in output
    assert lab.jobs(LIVE)["build-macos-arm"]["runner"] == 8


def test_what_a_runner_has_beside_its_own_tags_stays(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=6)
    process = pyinfra.start("inventory.py", "deploys/unblock_pipeline.py", "-y")
    wait_for(lambda: statuses(lab, ACTIVE)["build-macos-arm"] == "running")
    lab.fault(action="set_tags", runner=8, tags=["more"])
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert resets(lab)[-1] == {"more", *TAGS[8]}


def test_setting_lost_tags_again_ends_at_the_deadline(lab: Lab, pyinfra: Pyinfra) -> None:
    """At most once for each look; then the database is named."""
    lab.fault(action="set", loss_delay=0.1, job_seconds=60)
    data = ("--data", "unblock_seconds=4", "--data", "watch_interval=1")
    code, output = pyinfra.deploy("unblock_pipeline", "-y", *data)
    assert code == 1
    assert re.search(r"tags were lost \d+ times meanwhile", output)
    assert "repair the database first, with deploys/fix_tags.py" in output
    assert 2 <= len(resets(lab)) <= 1 + 6  # by "Set the tags", and by the watch


def test_a_refused_put_is_not_blamed_on_the_database(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=60)
    lab.fault(
        system="gitlab", method="PUT", path="/runners/8$", action="status", status=400, times=-1
    )
    code, output = pyinfra.deploy(
        "unblock_pipeline", "-y", "--limit", "project", "--data", "unblock_seconds=3"
    )
    assert code == 1
    assert "PUT /runners/8 -> 400" in output
    assert "still waiting after 3 s: " in output
    assert "tags were lost" not in output  # Only that they were, when it began, is the database.
    assert "repair the database first" not in output


def test_a_token_that_may_not_set_tags_ends_the_watch(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(
        system="gitlab", method="PUT", path="/runners/", action="status", status=403, times=-1
    )
    code, output = pyinfra.deploy("unblock_pipeline", "-y", "--limit", "project")
    assert code == 1
    assert output.count("-> 403") == 1
    assert "still waiting" not in output


def watching(lab: Lab, pyinfra: Pyinfra, *arguments: str) -> subprocess.Popen[str]:
    """Start the watch, until only build-macos-arm waits: its runner is busy for a while."""
    process = pyinfra.start("inventory.py", "deploys/unblock_pipeline.py", "-y", *arguments)
    wait_for(lambda: pending(lab) == {"build-macos-arm"} and looks(lab) >= 3)
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
    wait_for(lambda: pending(lab) == {"build-macos-arm", "build-ubuntu-x86"} and looks(lab) >= 3)
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
    lab.fault(action="set", loss_delay=3600, job_seconds=8)
    process = pyinfra.start("inventory.py", "deploys/unblock_pipeline.py", "-y")
    wait_for(lambda: pending(lab) == {"build-macos-arm"} and looks(lab) >= 3)
    lab.fault(system="gitlab", times=2, **fault)
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
