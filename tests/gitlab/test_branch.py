"""Which pipeline of a branch is the head's, which are obsolete, defunct, and active."""

from types import SimpleNamespace
from typing import Any

import pytest

from ops.gitlab.facts.pipelines import Pipelines
from ops.gitlab.facts.repository import BranchHead
from ops.gitlab.pipelines import selection
from ops.gitlab.pipelines.branch import Branch
from ops.gitlab.pipelines.required import Required, listed

HEAD, OLD = "3719896aa", "4f41583aa"
NAMES = ["build-k8s", "experiment:redis"]
STAGES = {"build-k8s": "build", "experiment:redis": "experiment-run"}


def every_job(of: Any) -> Required:
    return listed(NAMES)


def pipeline(number: int, status: str, sha: str = HEAD, source: str = "api") -> dict[str, Any]:
    return {"id": number, "sha": sha, "status": status, "source": source}


def job(name: str, status: str) -> dict[str, Any]:
    started = None if status in ("created", "pending", "skipped", "canceled") else "2026-02-23"
    number = NAMES.index(name)
    stage = STAGES[name]
    return {"id": number, "name": name, "stage": stage, "status": status, "started_at": started}


def branch(*rows: tuple[dict[str, Any], list[str] | None], **more: Any) -> Branch:
    """Pipelines, the newest first, each with the statuses of its jobs; None: it is gone."""
    jobs = {
        found["id"]: None
        if statuses is None
        else [job(name, status) for name, status in zip(NAMES, statuses, strict=False)]
        for found, statuses in rows
    }
    return Branch(
        HEAD, [found for found, _ in rows], jobs.__getitem__, every_job, every_job, **more
    )


def live(found: Branch) -> int | None:
    pipeline = found.active_pipeline()
    return pipeline["id"] if pipeline else None


COMPLETE = (pipeline(6936, "running"), ["success", "created"])
PART = (pipeline(6935, "canceled"), ["canceled"])
IN_EXPERIMENT = (pipeline(6936, "running"), ["success", "running"])


def test_kept_is_the_complete_one_of_the_head() -> None:
    assert branch(COMPLETE, PART).head_pipeline() == 6936
    newer_part = (pipeline(6937, "running"), ["running"])
    assert branch(newer_part, COMPLETE).head_pipeline() == 6936
    assert branch((pipeline(6936, "running", OLD), ["running", "created"])).head_pipeline() is None


def test_one_that_still_runs_is_kept_before_a_newer_one() -> None:
    failed = (pipeline(6937, "failed"), ["failed", "skipped"])
    assert branch(failed, COMPLETE).head_pipeline() == 6936
    assert branch(failed).head_pipeline() == 6937


def test_a_newer_one_that_was_canceled_does_not_hide_one_that_has_ended() -> None:
    canceled = (pipeline(6937, "canceled"), ["canceled", "canceled"])
    over = (pipeline(6936, "success"), ["success", "success"])
    assert branch(canceled, over).head_pipeline() == 6936


def test_of_two_that_run_the_one_with_hours_of_work_is_kept() -> None:
    newer = (pipeline(6937, "running"), ["running", "created"])
    found = branch(newer, IN_EXPERIMENT, costly_stages=["experiment-run"])
    assert found.head_pipeline() == 6936
    assert found.obsolete() == {6937: "a duplicate of pipeline 6936"}
    assert branch(newer, IN_EXPERIMENT).head_pipeline() == 6937


@pytest.mark.parametrize("status", ["canceled", "canceling"])
def test_one_that_was_canceled_is_not_kept(status: str) -> None:
    assert branch((pipeline(6936, status), ["canceled", "canceled"])).head_pipeline() is None


def test_obsolete_are_others_in_which_something_happens() -> None:
    rows = [
        (pipeline(6938, "running"), ["running", "created"]),
        (pipeline(6937, "pending"), ["pending"]),
        (pipeline(6936, "success", OLD), ["success", "success"]),
        (pipeline(6932, "running", OLD), ["success", "created"]),
        (pipeline(6931, "manual", OLD), ["success", "manual"]),
        # Blocked: what is created goes on only when somebody plays the manual job.
        (pipeline(6930, "manual", OLD), ["manual", "created"]),
    ]
    assert branch(*rows).obsolete() == {
        6937: "only 1 stage, 1 of 2 jobs is missing",
        6932: "of commit 4f41583a, which is not the head any more",
    }


def test_of_two_complete_ones_the_older_one_is_obsolete() -> None:
    rows = [(pipeline(number, "running"), ["running", "created"]) for number in (6937, 6936)]
    assert branch(*rows).obsolete() == {6936: "a duplicate of pipeline 6937"}


@pytest.mark.parametrize(
    ("statuses", "losses"),
    [
        (["running", "created"], []),
        (["success", "running"], ["experiment:redis runs"]),
        (["success", "success"], ["experiment:redis was successful"]),
        (["success", "failed"], []),
        (None, []),
    ],
)
def test_what_is_lost_with_a_pipeline(statuses: list[str] | None, losses: list[str]) -> None:
    found = branch((pipeline(6936, "running"), statuses), costly_stages=["experiment-run"])
    assert found.costly(6936) == losses
    assert branch((pipeline(6936, "running"), statuses)).costly(6936) == []


def test_a_result_whose_job_was_retried_is_lost_with_it_too() -> None:
    name = "experiment:redis"
    attempts = [job(name, "success"), job(name, "failed"), job(name, "created")]
    found = branch(COMPLETE, costly_stages=["experiment-run"], attempts=lambda number: attempts)
    assert found.costly(6936) == ["experiment:redis was successful and then retried"]


@pytest.mark.parametrize(
    ("status", "statuses", "reason"),
    [
        ("canceled", ["canceled"], "only 1 stage, 1 of 2 jobs is missing"),
        ("failed", [], "only 0 stages, 2 of 2 jobs are missing"),
        ("canceled", ["canceled", "skipped"], "none of its jobs ever ran"),
        (
            "running",
            ["success", "success"],
            "it is running, although none of its jobs does anything",
        ),
    ],
)
def test_a_ghost_is_good_for_nothing(status: str, statuses: list[str], reason: str) -> None:
    found = branch(COMPLETE, (pipeline(6932, status, OLD), statuses))
    assert found.defunct() == {6932: reason}


def test_of_two_that_have_run_at_the_same_commit_one_is_a_ghost() -> None:
    rows = [(pipeline(number, "failed", OLD), ["failed", "skipped"]) for number in (6933, 6932)]
    assert branch(COMPLETE, *rows).defunct() == {6932: "a duplicate of pipeline 6933"}


@pytest.mark.parametrize(
    ("status", "statuses"),
    [
        ("success", ["success", "success"]),
        ("failed", ["failed", "skipped"]),
        ("canceled", ["success", "canceled"]),
        ("running", ["running", "created"]),
        ("running", ["success", "waiting_for_resource"]),
        ("canceled", None),
        ("running", []),  # It waits for a pipeline that it has triggered.
    ],
)
def test_a_complete_one_that_has_run_is_history_and_no_ghost(
    status: str, statuses: list[str] | None
) -> None:
    assert branch(COMPLETE, (pipeline(6932, status, OLD), statuses)).defunct() == {}


def test_obsolete_ones_that_become_ghosts_are_known_before() -> None:
    part = (pipeline(6937, "running"), ["running"])
    old = (pipeline(6932, "running", OLD), ["success", "created"])
    assert branch(part, COMPLETE, old).later_defunct() == {6937: "a part of pipeline 6936"}


def test_those_of_the_head_that_lack_jobs_are_listed_with_them() -> None:
    gone = (pipeline(6930, "running"), None)
    [(found, lacks)] = branch(COMPLETE, PART, gone).lacking()
    assert (found["id"], lacks) == (6935, ["experiment:redis"])


def test_live_is_the_one_that_is_kept_while_something_happens_in_it() -> None:
    failed = (pipeline(6937, "failed"), ["failed", "skipped"])
    older = (pipeline(6932, "running", OLD), ["running", "created"])
    found = branch(failed, COMPLETE, older)
    assert found.head_pipeline() == 6936
    assert live(found) == 6936


def test_live_is_not_one_that_is_only_called_active() -> None:
    over = (pipeline(6936, "running"), ["success", "success"])
    found = branch((pipeline(6937, "running", OLD), ["running", "created"]), over)
    assert found.head_pipeline() == 6936
    assert live(found) == 6937


def test_live_is_not_a_newer_one_than_that_which_is_kept() -> None:
    newer = (pipeline(6937, "pending"), ["pending", "created"])
    assert live(branch(newer, IN_EXPERIMENT, costly_stages=["experiment-run"])) == 6936


def test_without_one_that_is_kept_live_is_the_newest_active_one_that_is_complete() -> None:
    part = (pipeline(6938, "pending", source="push"), ["pending"])
    old = [(pipeline(n, "running", OLD), ["running", "created"]) for n in (6937, 6936)]
    assert live(branch(part, *old)) == 6937
    over = (pipeline(6939, "success"), ["success", "success"])
    assert live(branch(over, part, *old)) == 6937


def test_where_none_is_complete_live_is_the_newest_active_one() -> None:
    manual = (pipeline(6937, "manual", source="push"), ["manual"])
    parts = [(pipeline(number, "running", OLD), ["running"]) for number in (6936, 6935)]
    assert live(branch(manual, *parts)) == 6936
    assert live(branch(manual)) is None


def test_no_jobs_are_read_where_only_one_could_be_live() -> None:
    def jobs(number: int) -> None:
        raise AssertionError(f"the jobs of {number} were read")

    rows = [pipeline(6937, "failed"), pipeline(6936, "running"), pipeline(6932, "success", OLD)]
    assert live(Branch(HEAD, rows, jobs, every_job, every_job)) == 6936


def test_a_push_between_two_reads_makes_nothing_obsolete_that_is_newer_than_the_head() -> None:
    """The head is read last, so it is as new as the newest pipeline."""
    pushed = []

    def look(host: Any, fact: Any, **arguments: Any) -> Any:
        newer = bool(pushed)
        pushed.append(True)
        if fact is BranchHead:
            return {"id": HEAD if newer else OLD}
        if fact is Pipelines:
            return [pipeline(6937, "running"), COMPLETE[0]] if newer else [COMPLETE[0]]
        return [job(name, "running") for name in NAMES]

    found = selection.branch(SimpleNamespace(data={}, name="x"), "development", NAMES, 20, look)  # type: ignore[arg-type]
    assert 6937 not in found.obsolete()
    assert found.head_pipeline() == 6936
