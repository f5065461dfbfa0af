from typing import Any

import pytest

from ops.gitlab.pipelines.status import (
    is_active,
    is_usable,
    pending,
    progress,
    stages,
)


def job(number: int, name: str, status: str, stage: str = "build") -> dict[str, Any]:
    return {"id": number, "name": name, "status": status, "stage": stage}


JOBS = [
    job(104, "experiment:kafka", "created", "experiment-run"),
    job(103, "build-riscv", "pending"),
    job(101, "build-k8s", "success"),
    job(102, "build-debian", "pending"),
    job(105, "build-macos", "failed"),
]


@pytest.mark.parametrize(
    "status",
    [
        "created", "waiting_for_resource", "preparing", "waiting_for_callback", "pending",
        "running", "canceling", "scheduled", "something new",
    ],
)  # fmt: skip
def test_what_is_not_known_to_be_over_goes_on(status: str) -> None:
    assert is_active(status)


@pytest.mark.parametrize("status", ["success", "failed", "canceled", "skipped", "manual"])
def test_what_is_over_or_waits_for_a_person_does_nothing(status: str) -> None:
    assert not is_active(status)


def test_one_that_is_canceled_or_will_be_is_of_no_use() -> None:
    assert not is_usable("canceled", JOBS)
    assert not is_usable("canceling", JOBS)
    assert is_usable("failed", JOBS)
    assert is_usable("running", [job(101, "build-k8s", "canceled")])


def test_one_that_was_canceled_after_a_job_had_failed_is_called_failed() -> None:
    rest = job(102, "build-macos", "canceled")
    assert not is_usable("failed", [job(101, "build-k8s", "failed"), rest])
    assert is_usable("failed", [job(101, "build-k8s", "failed"), {**rest, "allow_failure": True}])


def test_stages_are_in_the_order_of_the_jobs_ids() -> None:
    assert stages(JOBS) == ["build", "experiment-run"]


def test_progress_counts_what_is_done_and_names_the_rest() -> None:
    assert progress(JOBS) == [
        "build: 1/4 done, 1 failed, 2 pending",
        "experiment-run: 0/1 done, 1 created",
    ]
    assert progress([job(1, "build-k8s", "success")]) == ["build: 1/1 done"]
    assert progress([]) == []


def test_those_that_wait_longest_come_first() -> None:
    assert [found["name"] for found in pending(JOBS)] == ["build-debian", "build-riscv"]
