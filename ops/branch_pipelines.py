"""The pipelines of a branch, sorted: which one is live, which are obsolete, which are ghosts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from ops.api.ci_configuration import changes_of, load, matches
from ops.api.console import report
from ops.api.nested import Unchangeable
from ops.api.operation import read
from ops.api.pipeline import is_active, is_complete, is_usable, missing_jobs, stages
from ops.facts.pipelines import PipelineJobs, Pipelines
from ops.facts.repository import BranchHead, ChangedFiles, RepositoryFile
from ops.once import once

Pipeline = Mapping[str, Any]
TRIGGERED = ("api", "web")


def live(inventory: Inventory, ref: str) -> Pipeline | None:
    """Return the newest pipeline of a branch in which something still happens, or None.

    + inventory: has the project in its group `project`
    + ref: name of the branch

    A pipeline that only waits for a person (status `manual`) does nothing by itself. One that is
    older than a pipeline that was triggered and is over is obsolete, and not live.
    """
    project = inventory.get_group("project")[0]
    return once(f"live pipeline of {ref}", lambda: newest_live(read(project, Pipelines, ref=ref)))


def newest_live(pipelines: Sequence[Pipeline]) -> Pipeline | None:
    """Return the live one of some pipelines, the newest of which comes first."""
    for pipeline in pipelines:
        if is_active(pipeline["status"]):
            return pipeline
        if pipeline["source"] in TRIGGERED:
            return None
    return None


def report_none(host: Host, ref: str) -> None:
    """Print that there is no live pipeline."""
    report(host, [f"no pipeline of {ref} is active: nothing to do"])


@dataclass(frozen=True)
class Sorted:
    """The pipelines of a branch that are not to stay, by id, each with the reason.

    + obsolete: active ones beside the one that is kept
    + ghosts: ones in which nothing happens and that are good for nothing
    + good: names of the successful jobs of each ghost that has any
    """

    obsolete: Mapping[int, str]
    ghosts: Mapping[int, str]
    good: Mapping[int, Sequence[str]]

    def ghosts_to_delete(
        self, host: Host, allowed: bool, listed: Collection[int]
    ) -> Mapping[int, str]:
        """Return the ghosts that may be deleted, and print what stays, and why.

        + allowed: consent to delete ghosts at all
        + listed: ids of ghosts that may go although they have successful jobs
        """
        kept = {n: jobs for n, jobs in self.good.items() if n not in listed}
        for number, jobs in kept.items():
            text = f"pipeline {number} stays: it has successful jobs ({', '.join(jobs)})"
            report(host, [f"{text}. To consent: --data ghost_pipelines={number}"])
        deletable = {n: reason for n, reason in self.ghosts.items() if n not in kept}
        if allowed or not deletable:
            return deletable
        lines = [f"pipeline {number} is a ghost: {why}" for number, why in deletable.items()]
        report(host, [*lines, "To delete them for good: --data delete_ghosts=true"])
        return {}


def sorted_out(project: Host, ref: str, jobs: Sequence[str]) -> Sorted:
    """Sort the pipelines of a branch, and say why stages are missing in those of its head.

    + project: the host of the project
    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline

    Kept is the newest complete pipeline of the branch's head, one that still runs before one that
    is over; without any, none of the others is worth keeping active.
    """
    head = read(project, BranchHead, branch=ref)["id"]
    found = read(project, Pipelines, ref=ref)
    present = {p["id"]: read(project, PipelineJobs, pipeline=p["id"]) for p in found}
    good_ones = [p for p in found if _is_good(p, head, present[p["id"]], jobs)]
    # One that still runs may be hours into the experiment.
    good_ones.sort(key=lambda p: not is_active(p["status"]))
    kept = good_ones[0]["id"] if good_ones else None
    obsolete, ghosts, good = {}, {}, {}
    for pipeline in found:
        number = pipeline["id"]
        if number == kept:
            continue
        reason = _reason(pipeline, head, present[number], jobs, kept)
        if is_active(pipeline["status"]):
            obsolete[number] = reason
            continue
        ghosts[number] = reason
        successful = [job["name"] for job in present[number] if job["status"] == "success"]
        if successful:
            good[number] = successful
    incomplete = [p for p in found if p["sha"] == head and missing_jobs(present[p["id"]], jobs)]
    for pipeline in incomplete:
        _explain(project, ref, pipeline, missing_jobs(present[pipeline["id"]], jobs))
    return Sorted(obsolete, ghosts, good)


def listed(value: object) -> set[int]:
    """Return the ids in a setting such as `6931,6935`; raise OperationValueError in words."""
    try:
        return {int(part) for part in str(value or "").replace(" ", "").split(",") if part}
    except ValueError:
        raise OperationValueError(f"ghost_pipelines is a list of ids, not {value!r}") from None


def _is_good(pipeline: Pipeline, head: str, present: Any, jobs: Sequence[str]) -> bool:
    return pipeline["sha"] == head and is_usable(pipeline["status"]) and is_complete(present, jobs)


def _reason(
    pipeline: Pipeline, head: str, present: Any, jobs: Sequence[str], kept: int | None
) -> str:
    lacks = missing_jobs(present, jobs)
    if pipeline["sha"] != head:
        return f"of commit {pipeline['sha'][:8]}, which is not the head any more"
    if lacks:
        return f"only {len(stages(present))} stages, {len(lacks)} of {len(jobs)} jobs are missing"
    if kept is not None:
        return f"a duplicate of pipeline {kept}"
    return f"it was {pipeline['status']}"


def _explain(project: Host, ref: str, pipeline: Pipeline, lacks: Sequence[str]) -> None:
    """Print why a pipeline has not all jobs: what rules:changes asks for, and what was changed."""
    text = f"pipeline {pipeline['id']} ({pipeline['source']}) lacks {len(lacks)} jobs"
    file = read(project, RepositoryFile, path=".gitlab-ci.yml", ref=pipeline["sha"])
    changed = read(project, ChangedFiles, commit=pipeline["sha"])
    try:
        globs = changes_of(load(file.text), lacks) if file else []
    except Unchangeable:
        globs = []
    if globs and not any(matches(path, glob) for path in changed for glob in globs):
        text += f": {lacks[0]} needs a change of one of {', '.join(globs)}, and the commit changed"
        text += f" {', '.join(changed[:5])}. Triggered through the API it has all jobs"
    report(project, [text])
