"""The pipelines of 2026-02-23: one that everybody waits for, and five that nobody does."""

import time

from lab.git import initial as history
from lab.gitlab import initial
from lab.gitlab.pipelines.jobs import Job, Pipeline
from lab.gitlab.pipelines.state import Pipelines
from lab.gitlab.pipelines.traces import Traces

FIRST, FIRST_JOB = 6931, 48211
DONE = ("build-k8s", "build-macos-x86", "build-linux-arm64", "build-linux-riscv")
WAITING = ("build-debian-x86", "build-ubuntu-x86", "build-macos-arm")
BUILDS = {**dict.fromkeys(DONE, "success"), **dict.fromkeys(WAITING, "pending")}

# number of its commit, source, minutes ago, status by job, status of all other jobs
PIPELINES: list[tuple[int, str, int, dict[str, str], str]] = [
    (8, "push", 4320, {"build-k8s": "success"}, "canceled"),
    (
        8,
        "api",
        4260,
        {**BUILDS, "aggregate-results": "created", "experiment:build": "canceled"},
        "skipped",
    ),
    (9, "push", 1500, {"aggregate-results": "skipped"}, "failed"),
    (9, "api", 1440, {}, "canceled"),
    (10, "push", 60, {}, "canceled"),
    (10, "api", 42, {**BUILDS, "experiment:build": "pending"}, "created"),
]


def fill(pipelines: Pipelines, traces: Traces, shas: list[str]) -> None:
    """Make the pipelines of the beginning.

    + shas: the commits of `development`, the oldest first
    """
    pipelines.clear(FIRST, FIRST_JOB)
    for number, source, minutes, by_name, other in PIPELINES:
        config = history.content(history.CI, number).decode()
        changed = history.COMMITS[number - 1][1] if source == "push" else None
        sha, before = shas[number - 1], shas[number - 2]
        pipeline = pipelines.add(sha, history.DEVELOPMENT, source, config, {}, before, changed)
        pipeline.created_at = time.time() - 60 * minutes
        pipeline.process_at = 0.0
        for job in pipeline.jobs:
            _set(job, by_name.get(job.spec.name, other), pipeline, traces)


def _set(job: Job, status: str, pipeline: Pipeline, traces: Traces) -> None:
    job.status = status
    job.created_at = pipeline.created_at
    job.queued_at = None if status in ("created", "skipped") else job.created_at + 2
    if status == "success":
        job.runner = _runner(set(job.spec.tags))
        job.started_at = job.created_at + 5
        job.finished_at = job.started_at + 214
        description = next(row[1] for row in initial.RUNNERS if row[0] == job.runner)
        job.trace = traces.begin(job, description, pipeline.sha) + traces.end(job)
    elif status in ("failed", "canceled"):
        # No runner had the tags that the job asks for.
        job.finished_at = job.created_at + 3600
        job.failure_reason = "stuck_or_timeout_failure" if status == "failed" else None


def _runner(tags: set[str]) -> int:
    return next(row[0] for row in initial.RUNNERS if tags <= set(row[2]))
