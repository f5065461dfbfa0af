"""The pipelines of a branch as they are now: which one is live, and all that `Branch` sorts."""

import functools
from collections.abc import Callable, Collection, Sequence
from typing import Any

from pyinfra.api.exceptions import OperationError, OperationValueError
from pyinfra.api.host import Host

from ops.api.branch import Branch, Pipeline
from ops.api.ci_configuration import changes_of, load, matches
from ops.api.console import report
from ops.api.nested import Unchangeable
from ops.api.operation import read
from ops.api.pipeline import counted, is_active, is_complete, is_usable
from ops.facts import pipelines as facts
from ops.facts.repository import BranchHead, ChangedFiles, RepositoryFile
from ops.once import once

TRIGGERED = ("api", "web")
DELETE = "--data delete_ghosts=true"


def live(
    project: Host, ref: str, jobs: Sequence[str], newest: int, pipeline: object = None
) -> Pipeline | None:
    """Return the pipeline of a branch that everybody waits for, or None where none is active.

    + project: the host of the project
    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline
    + newest: how many pipelines are looked at
    + pipeline: id of a pipeline that somebody wants instead, or None

    It is read anew each time: an earlier operation of the run may have triggered one. Raises
    OperationValueError where the wanted one is not there.
    """
    if pipeline is not None:
        return _wanted(project, pipeline)

    def complete(found: Pipeline) -> bool:
        present = read(project, facts.PipelineJobs, pipeline=found["id"], missing_ok=True)
        return is_complete(present or (), jobs)

    return newest_live(read(project, facts.Pipelines, ref=ref, newest=newest), complete)


def newest_live(
    pipelines: Sequence[Pipeline], complete: Callable[[Pipeline], bool] = lambda pipeline: True
) -> Pipeline | None:
    """Return the live one of some pipelines, or None where nothing happens by itself in any.

    + pipelines: the newest one first
    + complete: whether a pipeline has all jobs; asked only where more than one could be live

    That is the newest complete one that is active: a push that touches no code makes a newer one
    with a few jobs. What is older than one that was triggered and has ended is obsolete.
    """
    active = []
    for pipeline in pipelines:
        if is_active(pipeline["status"]):
            active.append(pipeline)
        elif pipeline["source"] in TRIGGERED and is_usable(pipeline["status"]):
            break
    if len(active) < 2:
        return active[0] if active else None
    return next(filter(complete, active), active[0])


def none_is_live(project: Host, ref: str) -> None:
    """Say that there is no live pipeline, so that an operation has nothing to do."""
    text = f"no pipeline of {ref} is active: nothing to do"
    _say(project, text)
    project.noop(text)


def branch(
    project: Host, ref: str, jobs: Sequence[str], newest: int, look: Callable[..., Any] = read
) -> Branch:
    """Read the newest pipelines of a branch; their jobs are read when they are asked for.

    + project: the host of the project
    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline
    + newest: how many pipelines are looked at
    + look: what reads a fact
    """
    return Branch(
        head=look(project, BranchHead, branch=ref)["id"],
        pipelines=look(project, facts.Pipelines, ref=ref, newest=newest),
        jobs=functools.cache(
            lambda n: look(project, facts.PipelineJobs, pipeline=n, missing_ok=True)
        ),
        names=jobs,
    )


def explain(project: Host, branch: Branch) -> None:
    """Print why pipelines of the head have not all jobs.

    That is what `rules:changes` asks for, compared with what the commit has changed.
    """
    for pipeline, lacks in branch.lacking():
        text = (
            f"pipeline {pipeline['id']} ({pipeline['source']}) lacks {counted(len(lacks), 'job')}"
        )
        file = read(project, RepositoryFile, path=".gitlab-ci.yml", ref=pipeline["sha"])
        changed = read(project, ChangedFiles, commit=pipeline["sha"])
        try:
            globs = changes_of(load(file.text), lacks) if file else []
        except Unchangeable:
            globs = []
        if globs and not any(matches(path, glob) for path in changed for glob in globs):
            text += f": {lacks[0]} needs a change of one of {', '.join(globs)}, and the commit"
            text += f" changed {', '.join(changed[:5])}. Triggered through the API it has all jobs"
        _say(project, text)


def check_trigger(project: Host, branch: Branch) -> None:
    """Raise OperationError where one that was triggered lacks jobs: the next one would, too."""
    for pipeline, lacks in branch.lacking():
        if pipeline["source"] == "api" and is_usable(pipeline["status"]):
            raise OperationError(
                f"{project.name}: pipeline {pipeline['id']} was triggered through the API and lacks"
                f" {', '.join(lacks)}: another one would lack the same, so none is triggered."
                " Correct pipeline_jobs (group_data/all.py), or cancel that pipeline"
            )


def to_cancel(
    project: Host, branch: Branch, costly_stages: Collection[str], listed: Collection[int]
) -> dict[int, str]:
    """Return the obsolete pipelines that may be canceled, each with the reason; name the others.

    + project: the host of the project
    + branch: its pipelines
    + costly_stages: a pipeline in which a job of one of these runs or was successful stays,
    + listed: unless its id is in here
    """
    obsolete = branch.obsolete()
    costly = {n: branch.costly(n, costly_stages) for n in obsolete if n not in listed}
    stay = {number: losses for number, losses in costly.items() if losses}
    for number, losses in stay.items():
        text = f"pipeline {number} is obsolete ({obsolete[number]}) and stays"
        _say(project, f"{text}: {', '.join(losses)}")
    if stay:
        _say(project, f"To cancel {_listing(stay)} all the same: {_data('obsolete', stay)}")
    return {number: reason for number, reason in obsolete.items() if number not in stay}


def to_delete(
    project: Host, branch: Branch, allowed: bool, listed: Collection[int]
) -> dict[int, str]:
    """Return the ghosts that may be deleted, each with the reason; name the others.

    + project: the host of the project
    + branch: its pipelines
    + allowed: consent to delete ghosts at all
    + listed: ids of those that may go although they have successful jobs
    """
    ghosts = branch.ghosts()
    good = {n: branch.successful(n) for n in ghosts if n not in listed}
    stay = {number: jobs for number, jobs in good.items() if jobs}
    go = {number: reason for number, reason in ghosts.items() if number not in stay}
    if not allowed:
        for number, reason in go.items():
            _say(project, f"pipeline {number} is a ghost: {reason}")
    for number, jobs in stay.items():
        text = f"pipeline {number} is a ghost: {ghosts[number]}. It stays for the logs of"
        _say(project, f"{text} {', '.join(jobs)}")
    if go and not allowed:
        _say(project, f"To delete {_listing(go)} for good: {DELETE}")
    if stay:
        text = f"To delete {_listing(stay)} with these logs"
        _say(project, f"{text}: {DELETE} {_data('ghost', stay)}")
    return go if allowed else {}


def name_later_ghosts(project: Host, branch: Branch, listed: Collection[int]) -> None:
    """Print which pipelines are ghosts as soon as they are canceled: deleted in the same run."""
    for number, reason in branch.later_ghosts().items():
        if number in listed or not branch.successful(number):
            text = f"pipeline {number} is a ghost once it is canceled, and then deleted, too"
            _say(project, f"{text}: {reason}")


def _listing(pipelines: Collection[int]) -> str:
    return ", ".join(map(str, sorted(pipelines)))


def _data(kind: str, pipelines: Collection[int]) -> str:
    return f"--data {kind}_pipelines={','.join(map(str, sorted(pipelines)))}"


def _say(project: Host, text: str) -> None:
    # An operation runs when it is prepared and when it is executed.
    once(text, lambda: report(project, [text]))


def _wanted(project: Host, pipeline: object) -> Pipeline:
    if not str(pipeline).isdigit():
        raise OperationValueError(f"pipeline is the id of a pipeline, not {pipeline!r}")
    found: Pipeline | None = read(project, facts.Pipeline, pipeline=pipeline)
    if found is None:
        raise OperationValueError(f"{project.name} has no pipeline {pipeline}")
    return found
