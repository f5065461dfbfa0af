"""Evidence for a change: read from the logs of CI jobs, and kept as a file."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report
from ops.api.evidence import NoEvidence, prove
from ops.api.operation import operation, read
from ops.facts.pipelines import JobTrace, PipelineJobs, Pipelines
from ops.facts.repository import MergeBase
from ops.local_file import write_private
from ops.once import once


@dataclass(frozen=True)
class Proof:
    """A line in the log of a job that proves something.

    + pipeline, sha: which pipeline, of which commit
    + job, name: id and name of the job
    + line, text: the line in its log
    """

    pipeline: int
    sha: str
    job: int
    name: str
    line: int
    text: str


@operation
def recorded(file: str, proof: Mapping[str, Any]) -> Iterator[PyinfraCommand]:
    """
    Keep a proof as a JSON file of the operator's, before the change that it allows.

    + file: path of the file, on the operator's machine; its directory is made when missing
    + proof: what to keep

    **Example:**

    ```python
    evidence.recorded(
        name="Keep the proof",
        file="evidence/super_users.json",
        proof={"job": 117, "line": 42, "text": "Kafka producer ready"},
    )
    ```
    """
    text = json.dumps(proof, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if Path(file).exists() and Path(file).read_text() == text:
        host.noop(f"{file} holds it already")
        return
    yield Action(f"keep the proof in {file}", _write, file, text)


def find(
    project: Host, ref: str, since: str, jobs: str, wanted: str, forbidden: Sequence[str]
) -> Proof:
    """Return the newest proof in the logs of a branch's pipelines.

    + project: the host of the project
    + ref: the branch
    + since: commit at or after which the pipeline must be
    + jobs: regular expression of the names of the jobs whose logs count
    + wanted: regular expression of the line
    + forbidden: texts of which none may be in the log

    The newest logs come first. A forbidden text in one of them refutes what an older log proves.
    Raises OperationError in words where there is no proof.
    """
    seen: list[str] = []
    for pipeline in read(project, Pipelines, ref=ref):
        if read(project, MergeBase, one=since, other=pipeline["sha"]) != since:
            seen.append(f"pipeline {pipeline['id']} is of a commit before {since[:8]}")
            continue
        for job in reversed(read(project, PipelineJobs, pipeline=pipeline["id"])):
            if not re.fullmatch(jobs, job["name"]) or job["status"] not in ("success", "failed"):
                continue
            log = read(project, JobTrace, job=job["id"])
            what = f"job {job['id']} ({job['name']}) of pipeline {pipeline['id']}"
            try:
                found = prove(log, wanted, forbidden)
            except NoEvidence as error:
                seen.append(f"{what}: {error}")
                if any(text in log for text in forbidden):
                    raise OperationError(_refusal(project, seen)) from None
                continue
            report(project, [f"{what}, line {found.line}: {found.text}"])
            return Proof(
                pipeline["id"], pipeline["sha"], job["id"], job["name"], found.line, found.text
            )
    raise OperationError(_refusal(project, seen or [f"no pipeline of {ref}"]))


def find_once(project: Host, **arguments: Any) -> Proof:
    """Return `find`, which reads logs, once for a run."""
    return once("evidence", lambda: find(project, **arguments))


def recorded_value(directory: str, name: str) -> Any:
    """Return a field of the proof of the super users as it was kept, or None where there is none.

    + directory: where proofs are kept
    + name: of the field
    """
    try:
        return json.loads(Path(directory, "super_users.json").read_text()).get(name)
    except (OSError, ValueError):
        return None


def as_document(proof: Proof, **more: Any) -> dict[str, Any]:
    """Return a proof as a document, with further fields."""
    return {**asdict(proof), **more}


def _refusal(project: Host, seen: Sequence[str]) -> str:
    return f"{project.name}: there is no proof, so nothing is changed. Seen: {'; '.join(seen[:5])}"


def _write(state: State, host: Host, file: str, text: str) -> bool:
    write_private(Path(file), text)
    return True
