"""The pipelines of the beginning, made from what a site says of them."""

import time

from lab.gitlab.initial import Installation, ProjectData
from lab.gitlab.pipelines.jobs import Job, Pipeline
from lab.gitlab.pipelines.state import Pipelines
from lab.gitlab.pipelines.traces import Traces


def fill(
    pipelines: Pipelines,
    traces: Traces,
    data: ProjectData,
    shas: list[str],
    installation: Installation,
) -> None:
    """Make the pipelines of the beginning.

    + shas: the commits of the branch, the oldest first
    + installation: its runners have had the jobs
    """
    history, past = data.repository.history, data.past
    pipelines.clear(past.first, past.first_job)
    for number, source, minutes, by_name, other in past.pipelines:
        config = history.content(data.ci_file, number).decode()
        changed = list(history.commits[number - 1][1]) if source == "push" else None
        sha, before = shas[number - 1], shas[number - 2]
        pipeline = pipelines.add(sha, history.branch, source, config, {}, before, changed)
        pipeline.created_at = time.time() - 60 * minutes
        pipeline.process_at = 0.0
        for job in pipeline.jobs:
            _set(job, by_name.get(job.spec.name, other), pipeline, traces, installation)


def _set(
    job: Job, status: str, pipeline: Pipeline, traces: Traces, installation: Installation
) -> None:
    job.status = status
    job.created_at = pipeline.created_at
    job.queued_at = None if status in ("created", "skipped") else job.created_at + 2
    if status == "success":
        tags = set(job.spec.tags)
        job.runner, name = next(r[:2] for r in installation.runners if tags <= set(r[2]))
        job.started_at = job.created_at + 5
        job.finished_at = job.started_at + 214
        job.trace = traces.begin(job, name, pipeline.sha) + traces.end(job)
    elif status in ("failed", "canceled"):
        # No runner had the tags that the job asks for.
        job.finished_at = job.created_at + 3600
        job.failure_reason = "stuck_or_timeout_failure" if status == "failed" else None
