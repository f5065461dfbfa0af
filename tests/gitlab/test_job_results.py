from typing import Any

from ops.gitlab.pipelines.results import canceled, failed, lost


def job(name: str, status: str, allow_failure: bool = False) -> dict[str, Any]:
    return {"name": name, "status": status, "allow_failure": allow_failure}


JOBS = [
    job("one", "success"),
    job("two", "canceled"),
    job("three", "failed"),
    job("four", "failed", allow_failure=True),
    job("five", "manual", allow_failure=True),
    job("six", "skipped"),
    job("seven", "running"),
]


def test_failed_and_canceled_jobs_are_lost_and_no_others() -> None:
    assert failed(JOBS) == ["three"]
    assert canceled(JOBS) == ["two"]
    assert lost(JOBS) == ["three", "two (canceled)"]
    assert lost([*JOBS[:1], *JOBS[3:]]) == []
