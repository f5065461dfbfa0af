"""Jobs and pipelines, and what the status of several jobs together is.

After lib/gitlab/ci/status/composite.rb and app/services/ci/process_build_service.rb.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lab.gitlab.ci.config import JobSpec

CANCELABLE = ("created", "pending", "running")
FINISHED = ("success", "failed", "canceled", "skipped")
# A job that may fail and did, and a manual one that nobody has to start.
PASSED_OVER = {"warning", "ignored"}
FINE = {"success", "skipped", *PASSED_OVER}
# What the jobs before one have to be together for it to start.
STARTS_AFTER = {
    "on_success": {"success", "skipped"},
    "manual": {"success", "skipped"},
    "on_failure": {"failed"},
    "always": {"success", "failed", "skipped"},
}


@dataclass
class Job:
    """A job of a pipeline; times are seconds since 1970."""

    id: int
    pipeline: int
    spec: JobSpec
    status: str
    created_at: float
    queued_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    runner: int | None = None
    failure_reason: str | None = None
    retried: bool = False
    trace: str = ""
    trace_is_set: bool = False
    artifacts: dict[str, str] | None = None  # None: what jobs with its name leave
    variables: dict[str, str] = field(default_factory=dict)  # what it got when it began
    delivered: int | None = None  # messages in Kafka; None: what jobs with its name deliver

    @property
    def duration(self) -> float | None:
        """Return how long it ran, or has been running."""
        return _between(self.started_at, self.finished_at)

    @property
    def queued_duration(self) -> float | None:
        """Return how long it waited for a runner, or has been waiting."""
        if self.started_at is None and self.status != "pending":
            return None
        return _between(self.queued_at, self.started_at)

    def enqueue(self) -> None:
        """Let it wait for a runner."""
        self.status, self.queued_at = "pending", time.time()

    def finish(self, status: str, failure_reason: str | None = None) -> None:
        """End it."""
        self.status, self.finished_at = status, time.time()
        self.failure_reason = failure_reason if status == "failed" else None


@dataclass
class Pipeline:
    """A pipeline with all its jobs, also the ones that were retried since."""

    id: int
    iid: int
    sha: str
    ref: str
    source: str
    created_at: float
    before_sha: str
    stages: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    yaml_errors: str | None = None
    on_new_commit: str = "none"
    is_canceling: bool = False
    canceled_at: float = 0.0  # by the clock of the site, as the next one
    skipped: bool = False
    process_at: float = 0.0  # A new one has its jobs at once; they begin to wait later.

    @property
    def current(self) -> list[Job]:
        """Return the jobs that were not retried."""
        return [job for job in self.jobs if not job.retried]

    @property
    def status(self) -> str:
        """Return the status of all jobs together."""
        if self.yaml_errors:
            return "failed"
        if self.is_canceling:
            return "canceling"
        return "skipped" if self.skipped else composite(self.current)

    @property
    def updated_at(self) -> float:
        """Return when something happened last."""
        times = (t for j in self.jobs for t in (j.queued_at, j.started_at, j.finished_at) if t)
        return max(times, default=self.created_at)

    def before(self, job: Job) -> list[Job]:
        """Return the jobs that a job waits for."""
        if job.spec.needs is not None:
            return [other for other in self.current if other.spec.name in job.spec.needs]
        place = self.stages.index(job.spec.stage)
        return [o for o in self.current if self.stages.index(o.spec.stage) < place]

    def process(self) -> None:
        """Let all jobs go on for which the jobs before them are done."""
        self.process_at = 0.0
        progress = True
        while progress:
            progress = False
            for job in self.current:
                if job.status == "created":
                    self._process(job)
                    progress = progress or job.status != "created"

    def _process(self, job: Job) -> None:
        before = composite(self.before(job)) or "success"
        if before not in FINISHED:
            return
        when = job.spec.when
        skipped = any(other.status == "skipped" for other in self.before(job))
        if before not in STARTS_AFTER[when]:
            job.finish("skipped")
        elif skipped and job.spec.needs is not None and when in ("on_success", "manual"):
            # A job that needs a skipped one is skipped, too; in stage order it is not.
            job.finish("skipped")
        elif when == "manual":
            job.status = "manual"
        else:
            job.enqueue()


def composite(jobs: Iterable[Job]) -> str:
    """Return the status of several jobs together."""
    seen = {_counted(job) for job in jobs}
    if not seen:
        return ""
    if seen <= {"skipped", "ignored"}:
        return "skipped"
    if seen <= FINE:
        return "success"
    if seen <= {"created", *PASSED_OVER}:
        return "created"
    if seen <= {"canceled", *FINE}:
        return "canceled"
    if seen <= {"pending", "created", "skipped", *PASSED_OVER}:
        return "pending"
    if "canceling" in seen:
        return "canceling"
    if seen & {"running", "pending"}:
        return "running"
    if "manual" in seen:
        return "manual"
    return "running" if "created" in seen else "failed"


def iso(moment: float | None) -> str | None:
    """Return a moment as GitLab writes it."""
    if moment is None:
        return None
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _counted(job: Job) -> str:
    if job.spec.allow_failure and job.status in ("failed", "canceled"):
        return "warning"
    return "ignored" if job.spec.allow_failure and job.status == "manual" else job.status


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None else round((end or time.time()) - start, 3)
