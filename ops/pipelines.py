"""Operations on the pipelines of a GitLab project (https://docs.gitlab.com/api/pipelines/).

The host is the project: `@gitlab/projects/280`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report
from ops.api.demand import demand, table
from ops.api.operation import operation, read
from ops.api.pipeline import is_active, is_complete, is_usable, missing_jobs, pending
from ops.api.request import Request, get
from ops.facts.gitlab import Runners
from ops.facts.pipelines import PipelineJobs, Pipelines
from ops.facts.repository import BranchHead
from ops.unblock import Unblock, watch_pending
from ops.watch import ask, watch


@operation
def unblocked(
    pipeline: int,
    tags: Mapping[int, Collection[str]],
    seconds: float = 600,
    interval: float = 5,
    most_jobs: int = 50,
    most_resets: int = 20,
    stalled_seconds: float = 120,
    stalled_is_error: bool = True,
) -> Iterator[PyinfraCommand]:
    """
    Watch the pending jobs of a pipeline until each of them was picked up by a runner.

    + pipeline: id of the pipeline
    + tags: the tags that each runner should have, by its id; a lost one is set again at once
    + seconds: how long to watch
    + interval: seconds between two looks
    + most_jobs: how many jobs to look after, the ones that wait longest first; others are left
    + most_resets: how often lost tags are set again before the run gives up
    + stalled_seconds: a runner that could take a job and has not polled for so long is stalled
    + stalled_is_error: whether it fails when no job is left that a runner takes without a hand

    The preview shows which job waits for which tags, and which runner could take it. Jobs that no
    runner can ever take are named with the reason, and fail the operation when only they are left.

    **Example:**

    ```python
    pipelines.unblocked(
        name="Watch until every pending job is picked up",
        pipeline=6936,
        tags={11: ["debian", "x86_64"]},
        seconds=600,
    )
    ```
    """
    waiting = pending(read(host, PipelineJobs, pipeline=pipeline))
    if not waiting:
        host.noop(f"no job of pipeline {pipeline} is pending")
        return
    runners = read(host, Runners)
    chosen = waiting[:most_jobs]
    lines = table([demand(job, runners, tags) for job in chosen], runners)
    if len(waiting) > len(chosen):
        lines.append(f"{len(waiting) - len(chosen)} more pending jobs are left alone")
    settings = Unblock(
        pipeline, {int(job["id"]) for job in chosen}, tags, seconds, interval, most_resets,
        stalled_seconds, stalled_is_error,
    )  # fmt: skip
    text = f"watch {len(chosen)} pending jobs of pipeline {pipeline} for at most {seconds} s"
    yield Action(text, watch_pending, settings, changes=lines)


@operation
def canceled(pipeline: int, reason: str = "", seconds: float = 360) -> Iterator[PyinfraCommand]:
    """
    Cancel a pipeline that still does something, and see that it really ends.

    + pipeline: id of the pipeline
    + reason: why, for the preview
    + seconds: how long its jobs may take to end

    GitLab answers 200 to every cancellation, also to one that it does not carry out (issue
    519143), so the jobs are read again.

    **Example:**

    ```python
    pipelines.canceled(
        name="Cancel an obsolete pipeline",
        pipeline=6932,
        reason="pipeline 6936 is newer",
    )
    ```
    """
    active = [j for j in read(host, PipelineJobs, pipeline=pipeline) if is_active(j["status"])]
    if not active:
        host.noop(f"pipeline {pipeline} does nothing any more")
        return
    because = f": {reason}" if reason else ""
    change = f"pipeline {pipeline}: {len(active)} active jobs -> canceled{because}"
    path = f"{host.data.gitlab_path}/pipelines/{pipeline}"
    lookup = get(f"{path}/jobs", all_pages=True)
    yield Request("POST", f"{path}/cancel", changes=[change], lookup=lookup, found=_nothing_active)
    yield Action(f"see that pipeline {pipeline} ends", _wait_until_over, pipeline, seconds)


@operation
def deleted(pipeline: int, reason: str, listed: bool = False) -> Iterator[PyinfraCommand]:
    """
    Delete a pipeline with its jobs and logs. That cannot be undone.

    + pipeline: id of the pipeline
    + reason: why, for the preview
    + listed: consent to delete it although one of its jobs was successful

    Raises OperationValueError where it is still active, or where a job was successful and it is
    not listed.

    **Example:**

    ```python
    pipelines.deleted(
        name="Delete a ghost pipeline",
        pipeline=6931,
        reason="none of its jobs ever ran",
    )
    ```
    """
    jobs = read(host, PipelineJobs, pipeline=pipeline)
    if any(is_active(job["status"]) for job in jobs):
        raise OperationValueError(f"{host.name}: pipeline {pipeline} is active: cancel it first")
    good = [job["name"] for job in jobs if job["status"] == "success"]
    if good and not listed:
        raise OperationValueError(
            f"{host.name}: pipeline {pipeline} has successful jobs ({', '.join(good)}), whose logs"
            f" would be lost. To consent: --data ghost_pipelines={pipeline}"
        )
    path = f"{host.data.gitlab_path}/pipelines/{pipeline}"
    yield Request("DELETE", path, changes=[f"pipeline {pipeline}: exists -> deleted: {reason}"])


@operation
def complete(ref: str, jobs: Sequence[str]) -> Iterator[PyinfraCommand]:
    """
    Have a complete pipeline for the head of a branch: find it, else trigger it through the API.

    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline

    A pipeline that was triggered through the API has all jobs; one of a push may lack those whose
    `rules:changes` did not match. It is triggered once, also when the answer is lost.

    **Example:**

    ```python
    pipelines.complete(
        name="Have a complete pipeline for the head of the branch",
        ref="development",
        jobs=["build-k8s", "experiment:build"],
    )
    ```
    """
    head = read(host, BranchHead, branch=ref)["id"]
    found = read(host, Pipelines, ref=ref, sha=head)
    for pipeline in found:
        present = read(host, PipelineJobs, pipeline=pipeline["id"])
        if is_complete(present, jobs) and is_usable(pipeline["status"]):
            host.noop(f"pipeline {pipeline['id']} of {head[:8]} is complete")
            return
        lacks = missing_jobs(present, jobs)
        state = f"lacks {len(lacks)} jobs" if lacks else "was canceled"
        report(host, [f"pipeline {pipeline['id']} ({pipeline['source']}) {state}"])
    known = {pipeline["id"] for pipeline in found}

    def new(listed: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        return next((p for p in listed if p["id"] not in known and p["sha"] == head), None)

    path = host.data.gitlab_path
    yield Request(
        "POST",
        f"{path}/pipeline",
        {"ref": ref},
        changes=[f"complete pipeline of {ref} at {head[:8]}: (absent) -> triggered"],
        lookup=get(f"{path}/pipelines", all_pages=True, ref=ref, sha=head, source="api"),
        found=new,
    )


def _nothing_active(jobs: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]] | None:
    stopping = [job for job in jobs if is_active(job["status"]) and job["status"] != "canceling"]
    return None if stopping else jobs


def _wait_until_over(state: State, host: Host, pipeline: int, seconds: float) -> bool:
    def look(elapsed: float) -> bool | None:
        active = [j for j in ask(host, PipelineJobs, pipeline=pipeline) if is_active(j["status"])]
        return None if active else True

    over = watch(host, look, seconds=seconds, interval=1, waiting=lambda: "jobs are still active")
    if over is None:
        text = f"pipeline {pipeline} was told to cancel and is still active after {seconds:.0f} s"
        report(host, [f"{text}. Look at it in GitLab: a job may not react."])
    return bool(over)
