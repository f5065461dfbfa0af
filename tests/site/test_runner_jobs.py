from typing import Any

import pytest

from ops.gitlab.pipelines.demand import demand
from ops.site.experiment.runner_jobs import going_on, is_younger, last_job, lost_tags


def job(number: int, runner: int | None, end: str | None) -> dict[str, Any]:
    known = None if runner is None else {"id": runner}
    started = end and "2026-02-23T10:00:00.000Z"
    return {"id": number, "runner": known, "started_at": started, "finished_at": end}


@pytest.mark.parametrize(
    ("created", "younger"),
    [
        ("2026-02-23T10:04:59Z", False),
        ("2026-02-23T10:05:00Z", True),  # It may have been made 0.95 s after that.
        ("2026-02-23T10:05:01Z", True),
    ],
)
def test_the_age_of_a_pod_counts_in_whole_seconds(created: str, younger: bool) -> None:
    pod = {"metadata": {"creationTimestamp": created}}
    assert is_younger(pod, job(1, 17, "2026-02-23T10:05:00.900Z")) is younger
    assert is_younger(pod, job(1, 17, "2026-02-23T11:05:00.000+01:00")) is younger


def test_the_last_job_is_the_one_that_ended_last_on_the_runner() -> None:
    jobs = [
        job(1, 17, "2026-02-23T10:05:00.000Z"),
        job(2, 17, "2026-02-23T10:05:00.400Z"),
        job(3, 17, "2026-02-23T10:04:00.000Z"),
        job(4, 6, "2026-02-23T10:09:00.000Z"),
        job(5, 17, None),
        job(6, None, None),
        # GitLab gave it to the runner and gave it up before it had started there.
        {**job(7, 17, "2026-02-23T10:07:00.000Z"), "started_at": None},
    ]
    assert last_job(jobs, 17) == jobs[1]
    assert last_job(jobs, 8) is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *[(s, True) for s in ("running", "canceling", "waiting_for_resource", "scheduled")],
        *[(s, True) for s in ("preparing", "waiting_for_callback")],
        *[(s, False) for s in ("pending", "created", "manual")],
        *[(s, False) for s in ("success", "failed", "canceled", "skipped")],
    ],
)
def test_a_job_goes_on_unless_it_is_over_or_waits(status: str, expected: bool) -> None:
    jobs = [{"name": "experiment:redis", "status": status}]
    assert going_on(jobs) == (jobs if expected else [])


def test_who_waits_for_which_lost_tags_is_said() -> None:
    settings = {"online": True, "paused": False, "run_untagged": False}
    runners = {
        6: {"description": "a", "tag_list": [], **settings},
        15: {"description": "b", "tag_list": [], **settings},
        17: {"description": "c", "tag_list": ["kubernetes"], **settings},
        8: {"description": "d", "tag_list": ["macos"], **settings},
    }
    wanted = {6: ["linux"], 15: ["linux"], 17: ["kubernetes", "experiment"], 8: ["macos"]}
    jobs = [
        {"name": "experiment:redis", "tag_list": ["kubernetes", "experiment"]},
        {"name": "build-linux", "tag_list": ["linux"]},
        {"name": "build-macos", "tag_list": ["macos"]},
        {"name": "build-riscv", "tag_list": ["riscv64"]},
    ]
    assert lost_tags([demand(j, runners, wanted) for j in jobs], runners) == [
        "experiment:redis waits: runner 17 lacks experiment",
        "build-linux waits: runner 6 lacks linux; runner 15 lacks linux",
    ]
