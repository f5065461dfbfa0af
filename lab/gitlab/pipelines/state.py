"""The pipelines of the project: creating, cancelling, retrying and deleting them.

Rules after https://docs.gitlab.com/api/pipelines/ and https://docs.gitlab.com/api/jobs/.
"""

import time
from collections.abc import Callable
from typing import Any

from lab.git.process import NULL
from lab.gitlab.ci.config import Config, Invalid, JobSpec
from lab.gitlab.ci.rules import Context
from lab.gitlab.pipelines.jobs import CANCELABLE, Job, Pipeline
from lab.server.clock import Clock
from lab.server.refused import Refused

FIRST_IID = 411
WEEK = 7 * 86_400


class Pipelines:
    """All pipelines and their jobs; it knows nothing of HTTP, git and runners.

    + default_branch: of the project
    """

    def __init__(self, default_branch: str, clock: Clock) -> None:
        self.default_branch = default_branch
        self.clock = clock
        self.reset()
        self.clear()

    def reset(self) -> None:
        """Let GitLab take the usual time to cancel pipelines and to process new ones."""
        self.cancel_seconds = 0.3
        self.process_seconds = 0.2

    def clear(self, first: int = 1, first_job: int = 1) -> None:
        """Forget all pipelines; the next one and its first job have these numbers."""
        self.pipelines: dict[int, Pipeline] = {}
        self._next, self._next_job = first, first_job
        self._next_iid = FIRST_IID

    def get(self, number: int) -> Pipeline:
        """Return a pipeline; raise Refused 404 where there is none."""
        if number not in self.pipelines:
            raise Refused(404, "404 Not found")
        return self.pipelines[number]

    def job(self, number: int) -> Job:
        """Return a job; raise Refused 404 where there is none."""
        for job in self.jobs():
            if job.id == number:
                return job
        raise Refused(404, "404 Not found")

    def jobs(self) -> list[Job]:
        """Return the jobs of all pipelines, the oldest first."""
        found = (job for pipeline in self.pipelines.values() for job in pipeline.jobs)
        return sorted(found, key=lambda job: job.id)

    def add(
        self,
        sha: str,
        ref: str,
        source: str,
        config: str,
        variables: dict[str, str] | None = None,
        before: str = NULL,
        changed: list[str] | None = None,
    ) -> Pipeline:
        """Make a pipeline of a CI file; raise NoPipeline or Invalid where there is none to make."""
        variables = dict(variables or {})
        checked = Config(config)
        specs = self.specs(checked, sha, ref, source, variables, changed)
        pipeline = self._new(sha, ref, source, before, checked.stages)
        pipeline.variables, pipeline.on_new_commit = variables, checked.on_new_commit
        pipeline.jobs = [self._job(pipeline, spec) for spec in specs]
        pipeline.process_at = self.clock.now() + self.process_seconds
        self.process_due()
        return pipeline

    def specs(
        self,
        config: Config,
        sha: str,
        ref: str,
        source: str,
        variables: dict[str, str],
        changed: list[str] | None,
    ) -> list[JobSpec]:
        """Return the jobs of a pipeline that would be made; raise NoPipeline or Invalid."""
        known = {
            "CI_PIPELINE_SOURCE": source,
            "CI_COMMIT_BRANCH": ref,
            "CI_COMMIT_REF_NAME": ref,
            "CI_DEFAULT_BRANCH": self.default_branch,
            "CI_COMMIT_SHA": sha,
        }
        return config.pipeline(Context({**known, **variables}, changed))

    def process_due(self) -> None:
        """Let cancellations be over and the jobs of new pipelines begin, whose time has come."""
        for pipeline in self.pipelines.values():
            if pipeline.is_canceling and self.clock.now() >= pipeline.canceled_at:
                pipeline.is_canceling = False
            if pipeline.process_at and self.clock.now() >= pipeline.process_at:
                pipeline.process()

    def add_broken(self, sha: str, ref: str, before: str, error: Invalid) -> Pipeline:
        """Make the pipeline of a push whose CI file is invalid: failed, and without jobs."""
        pipeline = self._new(sha, ref, "push", before, [])
        pipeline.yaml_errors = "\n".join(error.args)
        return pipeline

    def add_skipped(self, sha: str, ref: str, before: str) -> Pipeline:
        """Make the pipeline of a push that asked for none with `[skip ci]`."""
        pipeline = self._new(sha, ref, "push", before, [])
        pipeline.skipped = True
        return pipeline

    def add_finished(self, sha: str) -> Pipeline:
        """Make a pipeline of the default branch whose only job was successful."""
        pipeline = self._new(sha, self.default_branch, "push", NULL, ["build"])
        pipeline.jobs = [self._job(pipeline, JobSpec("build", "build"), "success")]
        return pipeline

    def add_jobs(self, number: int, count: int) -> None:
        """Let a pipeline have so many further jobs that were successful."""
        pipeline = self.get(number)
        stage = pipeline.jobs[0].spec.stage
        specs = [JobSpec(f"further:{n}", stage) for n in range(count)]
        pipeline.jobs += [self._job(pipeline, spec, "success") for spec in specs]

    def cancel(self, number: int) -> Pipeline:
        """Cancel what can still be cancelled."""
        pipeline = self.get(number)
        jobs = [job for job in pipeline.current if job.status in CANCELABLE]
        for job in jobs:
            _cancel(job)
        if jobs:
            pipeline.is_canceling = True
            pipeline.canceled_at = self.clock.now() + self.cancel_seconds
            self.process_due()
        return pipeline

    def cancel_redundant(self, new: Pipeline, head: str | None) -> None:
        """Cancel what a new pipeline makes redundant, as the configuration of each older one says.

        After app/services/ci/pipeline_creation/cancel_redundant_pipelines_service.rb.

        + head: the newest commit of its branch
        """
        for old in self.pipelines.values():
            is_older = old.id < new.id and old.ref == new.ref
            if not is_older or old.sha in (new.sha, head) or old.created_at < time.time() - WEEK:
                continue
            holds = any(job.started_at and not job.spec.interruptible for job in old.current)
            if old.on_new_commit == "conservative" and not holds:
                self.cancel(old.id)
            elif old.on_new_commit == "interruptible":
                jobs = [j for j in old.current if j.status in CANCELABLE and j.spec.interruptible]
                for job in jobs:
                    _cancel(job)
                old.process()

    def retry(self, number: int) -> Pipeline:
        """Run the jobs again that failed or were cancelled."""
        pipeline = self.get(number)
        for job in pipeline.current:
            if job.status in ("failed", "canceled"):
                self._again(pipeline, job, "created")
        self._go_on(pipeline)
        return pipeline

    def delete(self, number: int) -> None:
        """Remove a pipeline with its jobs."""
        self.get(number)
        del self.pipelines[number]

    def retry_job(self, number: int) -> Job:
        """Run a job again, as a new one."""
        job = self.job(number)
        if job.retried or job.status not in ("success", "failed", "canceled"):
            raise Refused(403, "403 Forbidden - Job is not retryable")
        pipeline = self.get(job.pipeline)
        new = self._again(pipeline, job, "pending")
        self._go_on(pipeline)
        return new

    def play(self, number: int) -> Job:
        """Start a manual job."""
        job = self.job(number)
        if job.status != "manual":
            raise Refused(400, "400 Bad request - Unplayable Job")
        job.enqueue()
        return job

    def cancel_job(self, number: int) -> Job:
        """Cancel a job, if that can still be done."""
        job = self.job(number)
        if job.status in CANCELABLE:
            _cancel(job)
            self.get(job.pipeline).process()
        return job

    def state(self, name: Callable[[Job], dict[str, Any]]) -> list[dict[str, Any]]:
        """Return all pipelines for `GET /state`."""
        fields = ("id", "sha", "ref", "source", "status", "yaml_errors")
        return [
            {**{field: getattr(p, field) for field in fields}, "jobs": [name(j) for j in p.jobs]}
            for _, p in sorted(self.pipelines.items())
        ]

    def _new(self, sha: str, ref: str, source: str, before: str, stages: list[str]) -> Pipeline:
        number, iid = self._next, self._next_iid
        pipeline = Pipeline(number, iid, sha, ref, source, time.time(), before, stages)
        self.pipelines[number] = pipeline
        self._next, self._next_iid = number + 1, iid + 1
        return pipeline

    def _job(self, pipeline: Pipeline, spec: JobSpec, status: str = "created") -> Job:
        job = Job(self._next_job, pipeline.id, spec, status, time.time())
        self._next_job += 1
        return job

    def _again(self, pipeline: Pipeline, job: Job, status: str) -> Job:
        new = self._job(pipeline, job.spec)
        job.retried = True
        pipeline.jobs.append(new)
        if status == "pending":
            new.enqueue()
        return new

    def _go_on(self, pipeline: Pipeline) -> None:
        for job in pipeline.current:
            # They were skipped because of the jobs that now run again.
            if job.status == "skipped":
                job.status, job.finished_at = "created", None
        pipeline.is_canceling = False
        pipeline.process()


def _cancel(job: Job) -> None:
    if job.status == "running":
        # The runner is told and has to stop; `lab.gitlab.pipelines.scheduler` ends it.
        job.status = "canceling"
    else:
        job.finish("canceled")
