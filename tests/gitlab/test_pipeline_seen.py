"""A pipeline as it was last seen: what the record of a run tells of it."""

from typing import Any

import pytest

from ops.api import verdict as said
from ops.gitlab.pipelines.seen import MOST_JOBS, Seen


@pytest.fixture(autouse=True)
def verdict(monkeypatch: pytest.MonkeyPatch) -> said.Verdict:
    """A run of this test's own."""
    found = said.Verdict()
    monkeypatch.setattr("ops.gitlab.pipelines.seen.verdict", found)
    return found


def job(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": f"job-{number}", "stage": "build", "status": "created", **more}


def test_it_is_as_it_was_last_seen_by_stage(verdict: said.Verdict) -> None:
    seen = Seen(6936)
    seen.observe([job(3, stage="test"), job(1, status="running"), job(2)])
    # One that is retried has a new id, and stays in its stage.
    runner = {"id": 6, "description": "k8s-runner"}
    ended = job(
        1, status="failed", started_at="2026-11-28T03:00:00.000Z", runner=runner,
        finished_at="2026-11-28T03:00:09.500Z", failure_reason="script_failure",
    )  # fmt: skip
    seen.observe([ended, job(3, stage="test"), job(4)])
    [document] = [found() for found in verdict.observed["pipelines"]]
    assert document == seen.document()
    assert [found["name"] for found in document["jobs"]] == ["job-1", "job-4", "job-3"]
    first = document["jobs"][0]
    assert (first["runner"], first["reason"]) == ("6 k8s-runner", "script_failure")
    assert first["began"] is not None
    assert document["jobs"][1] == {
        "id": 4, "name": "job-4", "stage": "build", "status": "created", "began": None,
        "ended": None, "runner": None, "reason": None,
    }  # fmt: skip


@pytest.mark.parametrize("time", ["", "soon", "9999-12-31T23:59:59-23:00", None])
def test_a_time_that_is_none_is_left_out(time: str | None) -> None:
    seen = Seen(1)
    seen.observe([job(1, started_at=time)])
    assert seen.document()["jobs"][0]["began"] is None


def test_it_does_not_grow_without_end() -> None:
    seen = Seen(1)
    seen.observe([job(number) for number in range(MOST_JOBS + 2)])
    assert len(seen.document()["jobs"]) == MOST_JOBS
    assert seen.document()["left_out"] == 2
