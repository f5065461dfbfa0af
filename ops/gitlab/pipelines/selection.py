"""The pipelines of a branch as they are now: the active one, and all that `Branch` sorts."""

import functools
from collections.abc import Callable, Collection, Sequence
from typing import Any, cast

from pyinfra import context
from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host

from ops.api.action import Action, failure
from ops.api.console import report
from ops.api.once import once
from ops.api.operation import read
from ops.gitlab.facts import pipelines as facts
from ops.gitlab.facts.repository import BranchHead
from ops.gitlab.pipelines import triggered
from ops.gitlab.pipelines.branch import Branch, Pipeline
from ops.gitlab.pipelines.configured import Configured
from ops.gitlab.pipelines.required import Required
from ops.gitlab.pipelines.required import listed as listed_jobs
from ops.gitlab.pipelines.status import Jobs

CI_FILE = ".gitlab-ci.yml"
LIST = "pipeline_jobs in group_data/project.py"
DELETE = "--data delete_defunct_pipelines=true"


def active_pipeline(
    project: Host, ref: str, jobs: Sequence[str], newest: int, pipeline: object = None
) -> Pipeline | None:
    """Return the pipeline of a branch that everybody waits for, or None where none is active.

    + project: the host of the project
    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline; none: those that its CI configuration gives
    + newest: how many pipelines are looked at
    + pipeline: id of a pipeline that somebody wants instead, or None

    It is read anew each time: an earlier operation of the run may have triggered one. Raises
    OperationValueError where the wanted one is not there.
    """
    if pipeline is not None:
        return _wanted(project, pipeline)

    return branch(project, ref, jobs, newest).active_pipeline()


def no_active_pipeline(project: Host, ref: str) -> None:
    """Say that there is no active pipeline, so that an operation has nothing to do."""
    text = f"no pipeline of {ref} is active: nothing to do"
    say(project, text)
    project.noop(text)


def branch(
    project: Host,
    ref: str,
    jobs: Sequence[str],
    newest: int,
    look: Callable[..., Any] = read,
    costly_stages: Collection[str] | None = None,
) -> Branch:
    """Read the newest pipelines of a branch; their jobs are read when they are asked for.

    + project: the host of the project
    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline; none: those that its CI configuration gives
    + newest: how many pipelines are looked at
    + look: what reads a fact
    + costly_stages: stages whose jobs are hours of work; by default those of the project's data
    """
    if costly_stages is None:
        costly_stages = project.data.get("costly_stages") or ()
    # Before the head: so none of them is of a commit that is newer than the head.
    pipelines = look(project, facts.Pipelines, ref=ref, newest=newest)

    def read_jobs(pipeline: int, **retried: bool) -> Jobs | None:
        found = look(project, facts.PipelineJobs, pipeline=pipeline, missing_ok=True, **retried)
        return cast(Jobs | None, found)

    full, own = _required(project, ref, jobs, look)
    return Branch(
        head=look(project, BranchHead, branch=ref)["id"],
        pipelines=pipelines,
        jobs=functools.cache(read_jobs),
        full=full,
        own=own,
        costly_stages=costly_stages,
        attempts=functools.cache(lambda number: read_jobs(number, include_retried=True)),
    )


def _required(
    project: Host, ref: str, jobs: Sequence[str], look: Callable[..., Any]
) -> tuple[Callable[[str], Required], Callable[[Pipeline], Required]]:
    if not jobs:
        rules = configured(project, ref, look)
        return rules.full, rules.own
    named = listed_jobs(jobs)
    return lambda commit: named, lambda pipeline: named


def configured(project: Host, ref: str, look: Callable[..., Any] = read) -> Configured:
    """Return what the CI configuration (data `ci_file`) says of the pipelines of a branch.

    + project: the host of the project
    + ref: name of the branch
    + look: what reads a fact
    """
    return Configured(project, ref, project.data.get("ci_file") or CI_FILE, look)


def is_undecided(project: Host, branch: Branch, what: str) -> bool:
    """Say so where the rules do not tell which pipelines are complete; then nothing may be done.

    + project: the host of the project
    + branch: its pipelines
    + what: what is not done
    """
    why = branch.undecided()
    if why:
        text = f"which jobs a pipeline of {branch.head[:8]} should have is undecided, so none is"
        say(project, f"{text} {what}: {why}", f"To list them: {LIST}")
        project.noop(f"undecided: {why}")
    return bool(why)


def is_unsafe(branch: Branch) -> bool:
    """Return whether a run has to stop here, because no pipeline would be left that counts.

    A preview goes on: what it is about to trigger is not there yet.
    """
    return bool(context.state.is_executing) and branch.head_pipeline() is None


def no_head_pipeline(project: Host, branch: Branch, what: str) -> Action:
    """Return the failure of an operation that would leave the branch without any pipeline.

    + project: the host of the project
    + branch: its pipelines
    + what: what is not done
    """
    return failure(
        project,
        f"no complete pipeline of the head {branch.head[:8]} among the newest"
        f" {len(branch.pipelines)}: nothing is {what}. If somebody has just pushed, run again",
    )


def to_cancel(project: Host, branch: Branch, listed: Collection[int]) -> dict[int, str]:
    """Return the obsolete pipelines that may be canceled, each with the reason; name the others.

    One that this run has triggered stays in any case: the next run decides, with the branch's head
    as it is then.

    + project: the host of the project
    + branch: its pipelines
    + listed: ids of those that may go although their loss is costly
    """
    obsolete = branch.obsolete()
    _name_others(project, branch, "obsolete", set(listed) - set(obsolete))
    for number in sorted(triggered.triggered(project) & set(obsolete)):
        reason = obsolete.pop(number)
        text = f"pipeline {number} is obsolete ({reason}) and stays: this run has triggered it"
        say(project, f"{text}. To cancel it, run again")
    costly = {n: branch.costly(n) for n in obsolete if n not in listed}
    stay = {number: losses for number, losses in costly.items() if losses}
    for number, losses in stay.items():
        text = f"pipeline {number} is obsolete ({obsolete[number]}) and stays"
        say(project, f"{text}: {', '.join(losses)}")
    if stay:
        say(project, f"To cancel {_listing(stay)} all the same: {data('obsolete', stay)}")
    return {number: reason for number, reason in obsolete.items() if number not in stay}


def to_delete(
    project: Host, branch: Branch, allowed: bool, listed: Collection[int]
) -> dict[int, str]:
    """Return the defunct pipelines that may be deleted, each with the reason; name the others.

    + project: the host of the project
    + branch: its pipelines
    + allowed: approval to delete defunct pipelines at all
    + listed: ids of those that may go although they have successful jobs
    """
    defunct = branch.defunct()
    if allowed:
        _name_others(project, branch, "defunct", set(listed) - set(defunct))
    good = {n: branch.successful(n) for n in defunct if n not in listed}
    stay = {number: jobs for number, jobs in good.items() if jobs}
    go = {number: reason for number, reason in defunct.items() if number not in stay}
    if not allowed:
        for number, reason in go.items():
            say(project, f"pipeline {number} is defunct: {reason}")
    for number, jobs in stay.items():
        text = f"pipeline {number} is defunct: {defunct[number]}. It stays for the logs of"
        say(project, f"{text} {', '.join(jobs)}")
    if go and not allowed:
        say(project, f"To delete {_listing(go)} for good: {DELETE}")
    if stay:
        text = f"To delete {_listing(stay)} with these logs"
        say(project, f"{text}: {DELETE} {data('defunct', stay)}")
    return go if allowed else {}


def name_later_defunct(project: Host, branch: Branch, listed: Collection[int]) -> None:
    """Print which pipelines are defunct as soon as they are canceled: deleted in the same run."""
    for number, reason in branch.later_defunct().items():
        if number in listed or not branch.successful(number):
            text = f"pipeline {number} is defunct once it is canceled, and then deleted, too"
            say(project, f"{text}: {reason}")


def _name_others(project: Host, branch: Branch, kind: str, listed: Collection[int]) -> None:
    """Print which pipelines were listed in vain: an id may be mistyped, or its pipeline be gone."""
    there = {pipeline["id"] for pipeline in branch.pipelines}
    for number in sorted(listed):
        why = f"is not {kind}" if number in there else "is not there, or not among the newest"
        say(project, f"pipeline {number} was listed and {why}: nothing is done to it")


def _listing(pipelines: Collection[int]) -> str:
    return ", ".join(map(str, sorted(pipelines)))


def data(kind: str, pipelines: Collection[int]) -> str:
    """Return the approval to some pipelines, as it is given on the command line.

    + kind: `defunct` or `obsolete`
    + pipelines: their ids
    """
    return f"--data {kind}_pipelines={','.join(map(str, sorted(pipelines)))}"


def say(project: Host, *lines: str) -> None:
    """Print lines of a project once in a run."""
    # An operation runs when it is prepared and when it is executed.
    once("\n".join(lines), lambda: report(project, lines))


def _wanted(project: Host, pipeline: object) -> Pipeline:
    if not str(pipeline).isdigit():
        raise OperationValueError(f"pipeline is the id of a pipeline, not {pipeline!r}")
    found: Pipeline | None = read(project, facts.Pipeline, pipeline=pipeline)
    if found is None:
        raise OperationValueError(f"{project.name} has no pipeline {pipeline}")
    return found
