"""The pipelines of a branch as they are now: which one is live, and all that `Branch` sorts."""

import functools
from collections.abc import Callable, Sequence

from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host

from ops.api.branch import Branch, Pipeline
from ops.api.ci_configuration import changes_of, load, matches
from ops.api.console import report
from ops.api.nested import Unchangeable
from ops.api.operation import read
from ops.api.pipeline import is_active, is_complete, is_usable
from ops.facts import pipelines as facts
from ops.facts.repository import BranchHead, ChangedFiles, RepositoryFile

TRIGGERED = ("api", "web")


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
        return is_complete(read(project, facts.PipelineJobs, pipeline=found["id"]), jobs)

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
    report(project, [text])
    project.noop(text)


def branch(project: Host, ref: str, jobs: Sequence[str], newest: int) -> Branch:
    """Read the newest pipelines of a branch; their jobs are read when they are asked for.

    + project: the host of the project
    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline
    + newest: how many pipelines are looked at
    """
    return Branch(
        head=read(project, BranchHead, branch=ref)["id"],
        pipelines=read(project, facts.Pipelines, ref=ref, newest=newest),
        jobs=functools.cache(
            lambda n: read(project, facts.PipelineJobs, pipeline=n, missing_ok=True)
        ),
        names=jobs,
    )


def explain(project: Host, pipeline: Pipeline, lacks: Sequence[str]) -> None:
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


def _wanted(project: Host, pipeline: object) -> Pipeline:
    if not str(pipeline).isdigit():
        raise OperationValueError(f"pipeline is the id of a pipeline, not {pipeline!r}")
    found: Pipeline | None = read(project, facts.Pipeline, pipeline=pipeline)
    if found is None:
        raise OperationValueError(f"{project.name} has no pipeline {pipeline}")
    return found
