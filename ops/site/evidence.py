"""Evidence for a change: read from the logs of CI jobs, and kept as a file."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pyinfra import context, host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report
from ops.api.operation import operation, read
from ops.gitlab.facts.pipelines import JobTrace, PipelineJobs, Pipelines
from ops.gitlab.facts.repository import MergeBase
from ops.shell.local_file import write_private
from ops.site import proof_file
from ops.site.log_evidence import NoEvidence, Refuted, prove

FINISHED = ("success", "failed")

Pipeline = Mapping[str, Any]
Job = Mapping[str, Any]


@dataclass(frozen=True)
class Search:
    """Where a proof is looked for, and what it is.

    + project: name of the host that is the project
    + ref: the branch whose pipelines count
    + since: commit at or after which a pipeline must be
    + jobs: regular expression of the names of the jobs whose logs count
    + wanted: regular expression of the line that proves it
    + forbidden: texts of which none may be in the log
    + newest: how many pipelines of the branch are looked at
    """

    project: str
    ref: str
    since: str
    jobs: str
    wanted: str
    forbidden: Sequence[str]
    newest: int = 20


@dataclass(frozen=True)
class Proof:
    """A line in the log of a job that proves something."""

    pipeline: int
    sha: str
    job: int
    name: str
    line: int
    text: str


# Files of the proofs that hold in this run, and of changes that are there already.
_kept: set[str] = set()
_needless: set[str] = set()


@operation
def file(
    file: str,
    search: Search,
    change: Callable[[], Mapping[str, Any] | None],
    required: bool = True,
) -> Iterator[PyinfraCommand]:
    """
    Find a proof in the logs of CI jobs, and keep it as a file before the change that it allows.

    + file: path of a JSON file on the operator's machine; its directory is made when missing
    + search: where to look, and for what
    + change: returns what is changed, to be kept with the proof; None where nothing has to be. It
      is asked again when the operation is executed
    + required: whether it is an error when there is no proof; otherwise it is looked for again when
      the operation is executed, and `is_kept` tells

    Raises OperationError in words where a required proof is not there.

    **Example:**

    ```python
    evidence.file(
        name="Keep the proof",
        file="evidence/super_users.json",
        search=evidence.Search(
            project="@gitlab/projects/42", ref="main", since="3719896", jobs="experiment:kafka",
            wanted="Kafka producer ready", forbidden=["SASL FAIL"],
        ),
        change=lambda: {"super_users": "User:ANONYMOUS"},
    )
    ```
    """
    _kept.discard(file)
    _needless.discard(file)
    what = change()
    if what is None:
        _needless.add(file)
        if proof_file.incomplete(
            file
        ):  # A run that was killed has made the change and not seen its end.
            _kept.add(file)
        host.noop("nothing has to be proven")
        return
    try:
        proof = find(search)
    except OperationError as error:
        if required:
            raise
        report(host, [str(error)])
        unproven = Action("look for the proof again, and keep it if it is there", _no_proof)
        unproven.unknown_until_run = True
        yield unproven
        return
    text = proof_file.text({**asdict(proof), **what})
    yield Action(f"keep the proof in {file}", _keep, file, text, changes=[_show(proof)])


def is_kept(file: str) -> Callable[[], bool]:
    """Return a condition for `_if=`: the change is proven, and the proof is kept in the file."""
    return lambda: file in _kept


def is_kept_or_needless(file: str) -> Callable[[], bool]:
    """Return a condition for `_if=`: the change is proven, or there is nothing to change."""
    return lambda: file in _kept or file in _needless


def find(search: Search) -> Proof:
    """Return the newest proof in the logs of a branch's pipelines.

    + search: where to look, and for what

    The log of the job that ended last comes first. A forbidden text in one of them refutes what an
    older log proves; one with neither decides nothing. Raises OperationError in words where there
    is no proof.
    """
    project = context.inventory.get_host(search.project)
    ended, others = _jobs(project, search)
    seen: list[str] = []
    for pipeline, job in ended:
        log = read(project, JobTrace, job=job["id"])
        try:
            line = prove(log, search.wanted, search.forbidden)
        except NoEvidence as error:
            seen.append(f"job {job['id']} ({job['name']}): {error}")
            if isinstance(error, Refuted):
                raise OperationError(_refusal(project, [seen[-1]])) from None
            continue
        where = (pipeline["id"], pipeline["sha"], job["id"], job["name"])
        return Proof(*where, line.line, line.text)
    raise OperationError(_refusal(project, [*seen, *others] or [f"no pipeline of {search.ref}"]))


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


def _show(proof: Proof) -> str:
    where = f"job {proof.job} ({proof.name}) of pipeline {proof.pipeline}, line {proof.line}"
    return f"{where}: {proof.text}"


def _keep(state: State, host: Host, file: str, text: str) -> bool:
    try:
        write_private(Path(file), text)
    except OSError as error:
        report(host, [f"the proof cannot be kept in {file}: {error.strerror}"])
        return False
    _kept.add(file)
    return True


def _no_proof(state: State, host: Host) -> bool:
    return True
