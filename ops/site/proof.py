"""A proof for a change: a line in the log of a CI job, and messages that arrived while it ran."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyinfra import context
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

from ops.api.operation import read
from ops.gitlab.facts.pipelines import JobArtifact, JobTrace, PipelineJobs, Pipelines
from ops.gitlab.facts.repository import MergeBase
from ops.site.log_evidence import NoEvidence, Refuted, Rules, prove

FINISHED = ("success", "failed")
Arrivals = Callable[[datetime, datetime], Mapping[str, int]]
Pipeline = Mapping[str, Any]
Job = Mapping[str, Any]


@dataclass(frozen=True)
class Search:
    """Where a proof is looked for, and what it is.

    + project: name of the host that is the project
    + ref: the branch whose pipelines count
    + since: commit at or after which a pipeline must be
    + jobs: regular expression of the names of the jobs whose logs count
    + rules: what the log must have, and what not
    + artifact: path of the file among a job's artifacts that has its log, too, for logs that are
      empty; `{system}` is what follows the colon in the job's name. Empty: there is none
    + newest: how many pipelines of the branch are looked at
    + impossible: why no log can prove it; empty: one can
    """

    project: str
    ref: str
    since: str
    jobs: str
    rules: Rules
    artifact: str = ""
    newest: int = 20
    impossible: str = ""


@dataclass(frozen=True)
class Proof:
    """A line in the log of a job that proves something."""

    pipeline: int
    sha: str
    job: int
    name: str
    line: int
    text: str
    source: str
    arrived: Mapping[str, int]
    consumed: str


def find(search: Search, arrivals: Arrivals | None = None) -> Proof:
    """Return the newest proof in the logs of a branch's pipelines.

    + search: where to look, and for what
    + arrivals: as of `file`

    The log of the job that ended last comes first. What refutes it in one of them refutes what an
    older log proves; one that says nothing decides nothing. Raises OperationError in words where
    there is no proof.
    """
    project = context.inventory.get_host(search.project)
    if search.impossible:
        raise OperationError(_refusal(project, [search.impossible]))
    ended, others = _jobs(project, search)
    seen: list[str] = []
    for pipeline, job in ended:
        log, source = _log(project, job, search.artifact)
        try:
            line = prove(log, search.rules)
            arrived = _arrived(job, arrivals)
        except NoEvidence as error:
            seen.append(f"job {job['id']} ({job['name']}), {source}: {error}")
            if isinstance(error, Refuted):
                raise OperationError(_refusal(project, [seen[-1]])) from None
            continue
        where = (pipeline["id"], pipeline["sha"], job["id"], job["name"])
        return Proof(*where, line.line, line.text, source, arrived, line.consumed)
    raise OperationError(_refusal(project, [*seen, *others] or [f"no pipeline of {search.ref}"]))


def _log(project: Host, job: Job, artifact: str) -> tuple[str, str]:
    """Return the log of a job, and where it stands: it may be empty, and a file have it."""
    log = str(read(project, JobTrace, job=job["id"]))
    if log.strip() or not artifact:
        return log, "log"
    path = artifact.replace("{system}", job["name"].rpartition(":")[2])
    file = read(project, JobArtifact, job=job["id"], path=path)
    if file is None:
        return "", f"empty log and no artifact {path}"
    return str(file), f"empty log, so artifact {path}"


def _arrived(job: Job, arrivals: Arrivals | None) -> Mapping[str, int]:
    if arrivals is None:
        return {}
    times = [datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at")]
    found = arrivals(times[0], times[1])
    nothing = [topic for topic, number in found.items() if not number]
    if nothing:
        text = f"no message arrived in {', '.join(nothing)} from {job['started_at']}"
        raise Refuted(f"{text} to {job['finished_at']}")
    return found


def _jobs(project: Host, search: Search) -> tuple[list[tuple[Pipeline, Job]], list[str]]:
    """Return the jobs that have a log, the one that ended last first, and why others do not count.

    In which order pipelines were made says nothing: a job of an older one may run, or be retried,
    after those of a newer one.
    """
    ended: list[tuple[Pipeline, Job]] = []
    others: list[str] = []
    for pipeline in read(project, Pipelines, ref=search.ref, newest=search.newest):
        if not _is_since(project, search.since, pipeline["sha"]):
            others.append(f"pipeline {pipeline['id']} is of a commit before {search.since[:8]}")
            continue
        for job in read(project, PipelineJobs, pipeline=pipeline["id"], include_retried=True):
            if not re.fullmatch(search.jobs, job["name"]):
                continue
            if _has_log(job):
                ended.append((pipeline, job))
            else:
                others.append(f"job {job['id']} ({job['name']}) is {job['status']}")
    return sorted(ended, key=lambda found: _end(found[1]), reverse=True), others


def _has_log(job: Job) -> bool:
    if job["status"] == "canceled":  # One that had not started has none.
        return bool(job["started_at"])
    return job["status"] in FINISHED


def _end(job: Job) -> tuple[datetime, int]:
    # Two that ended at once: the later one of a job that was retried counts.
    return datetime.fromisoformat(job["finished_at"]), int(job["id"])


def _is_since(project: Host, since: str, commit: str) -> bool:
    base = read(project, MergeBase, one=since, other=commit)
    # The commit may be given with its first digits only.
    return base is not None and str(base).startswith(since)


def _refusal(project: Host, seen: Sequence[str]) -> str:
    return f"{project.name}: there is no proof, so nothing is changed. Seen: {'; '.join(seen[:5])}"


def show(proof: Proof) -> str:
    """Return a proof on one line."""
    job = f"job {proof.job} ({proof.name}) of pipeline {proof.pipeline}"
    where = f"{job}, {proof.source}, line {proof.line}"
    arrived = ", ".join(f"{topic}: {number}" for topic, number in proof.arrived.items())
    text = f"{where}: {proof.text}" + (f"; messages that arrived: {arrived}" if arrived else "")
    return text + (f"; a consumer: {proof.consumed}" if proof.consumed else "")
