"""Operations on the pipelines of a GitLab project (https://docs.gitlab.com/api/pipelines/).

The host is the project: `@gitlab/projects/280`. Each operation looks for itself which pipelines
there are, when it is prepared and again when it is executed: an earlier one may have made some.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand

from ops import branch_pipelines
from ops.api.action import Action
from ops.api.console import table_columns
from ops.api.demand import demand, table
from ops.api.operation import operation, read
from ops.api.pipeline import counted, pending
from ops.api.request import Request, get
from ops.cancellation import active_jobs, nothing_active, wait_until_over
from ops.facts.gitlab import Runners
from ops.facts.pipelines import PipelineJobs
from ops.unblock import Unblock, watch_pending


@operation
def unblocked(
    ref: str,
    jobs: Sequence[str],
    tags: Mapping[int, Collection[str]],
    pipeline: int | None = None,
    newest: int = 20,
    seconds: float = 600,
    interval: float = 5,
    most_jobs: int = 50,
    stalled_seconds: float = 120,
    stalled_is_error: bool = True,
) -> Iterator[PyinfraCommand]:
    """
    Watch the pending jobs of the live pipeline until a runner has each of them.

    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline, which is preferred to a part of one
    + tags: the tags that each runner should have, by its id; a lost one is set again at once
    + pipeline: id of a pipeline to look after instead of the live one
    + newest: how many pipelines of the branch are looked at
    + seconds: how long to watch
    + interval: seconds between two looks
    + most_jobs: how many jobs to look after, the ones that wait longest first; others are left
    + stalled_seconds: a runner that could take a job and has not polled for so long is stalled
    + stalled_is_error: whether it fails when no job is left that a runner takes without a hand

    The preview shows which job waits for which tags, and which runner could take it. Jobs that no
    runner can take are named with the reason, and fail the operation when only they are left. A job
    that ends without a runner (canceled, stuck) fails it, too. Raises OperationValueError where the
    project has no such `pipeline`.

    **Example:**

    ```python
    pipelines.unblocked(
        name="Watch until every pending job is picked up",
        ref="development",
        jobs=["build-k8s", "experiment:build"],
        tags={11: ["debian", "x86_64"]},
        seconds=600,
    )
    ```
    """
    live = branch_pipelines.live(host, ref, jobs, newest, pipeline)
    if live is None:
        branch_pipelines.none_is_live(host, ref)
        return
    number = live["id"]
    waiting = pending(read(host, PipelineJobs, pipeline=number))
    if not waiting:
        host.noop(f"no job of pipeline {number} is pending")
        return
    runners = read(host, Runners)
    chosen = waiting[:most_jobs]
    lines = table([demand(job, runners, tags) for job in chosen], runners, table_columns())
    if len(waiting) > len(chosen):
        left = counted(len(waiting) - len(chosen), "more pending job")
        lines.append(f"left alone: {left}")
    settings = Unblock(
        number, [job["name"] for job in chosen], tags, seconds, interval, stalled_seconds,
        stalled_is_error,
    )  # fmt: skip
    text = f"watch {counted(len(chosen), 'pending job')} of pipeline {number}"
    yield Action(f"{text} for at most {seconds} s", watch_pending, settings, changes=lines)


@operation
def complete(ref: str, jobs: Sequence[str], newest: int = 20) -> Iterator[PyinfraCommand]:
    """
    Have a complete pipeline for the head of a branch: find it, else trigger it through the API.

    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline
    + newest: how many pipelines of the branch are looked at

    A pipeline that was triggered through the API has all jobs; one of a push may lack those whose
    `rules:changes` did not match. It is triggered once, also when the answer is lost. Raises
    OperationError where one that was triggered lacks jobs: `jobs` names some that there are not.

    **Example:**

    ```python
    pipelines.complete(
        name="Have a complete pipeline for the head of the branch",
        ref="development",
        jobs=["build-k8s", "experiment:build"],
    )
    ```
    """
    branch = branch_pipelines.branch(host, ref, jobs, newest)
    branch_pipelines.explain(host, branch)
    kept = branch.kept()
    if kept is not None:
        host.noop(f"pipeline {kept} of {branch.head[:8]} is complete")
        return
    branch_pipelines.check_trigger(host, branch)
    newest_id = max((pipeline["id"] for pipeline in branch.pipelines), default=0)

    def new(listed: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        return next((p for p in listed if p["id"] > newest_id), None)

    path = host.data.gitlab_path
    yield Request(
        "POST",
        f"{path}/pipeline",
        {"ref": ref},
        changes=[f"complete pipeline of {ref} at {branch.head[:8]}: (absent) -> triggered"],
        lookup=get(f"{path}/pipelines", ref=ref, source="api", order_by="id", sort="desc"),
        found=new,
    )


@operation
def obsolete_canceled(
    ref: str,
    jobs: Sequence[str],
    costly_stages: Collection[str] = (),
    listed: Collection[int] = (),
    newest: int = 20,
    seconds: float = 360,
) -> Iterator[PyinfraCommand]:
    """
    Cancel the obsolete pipelines of a branch that still do something, and see that they really end.

    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline
    + costly_stages: a pipeline stays in which a job of one of these stages runs or was successful,
    + listed: unless its id is in here: the consent
    + newest: how many pipelines of the branch are looked at
    + seconds: how long their jobs may take to end

    Obsolete are all but the one that is kept: the newest complete one of the branch's head, one
    that still runs first. GitLab answers 200 to every cancellation, also to one that it does not
    carry out (issue 519143), so pipelines and jobs are read again.

    **Example:**

    ```python
    pipelines.obsolete_canceled(
        name="Cancel obsolete pipelines",
        ref="development",
        jobs=["build-k8s", "experiment:build"],
        costly_stages=["experiment-run"],
        listed=[6936],
    )
    ```
    """
    branch = branch_pipelines.branch(host, ref, jobs, newest)
    obsolete = branch_pipelines.to_cancel(host, branch, costly_stages, listed)
    if not obsolete:
        host.noop(f"no pipeline of {ref} is to be canceled")
        return
    for number, reason in obsolete.items():
        path = f"{host.data.gitlab_path}/pipelines/{number}"
        active = len(active_jobs(branch.jobs(number) or ()))
        if active:  # Otherwise it was told to, and has not come to its end.
            yield Request(
                "POST",
                f"{path}/cancel",
                changes=[
                    f"pipeline {number}: {counted(active, 'active job')} -> canceled: {reason}"
                ],
                lookup=get(f"{path}/jobs", all_pages=True),
                found=nothing_active,
                missing_ok=True,
            )
    text = f"see that they end: {', '.join(map(str, obsolete))}"
    yield Action(text, wait_until_over, list(obsolete), seconds)


@operation
def ghosts_deleted(
    ref: str,
    jobs: Sequence[str],
    allowed: bool = False,
    listed: Collection[int] = (),
    newest: int = 20,
) -> Iterator[PyinfraCommand]:
    """
    Delete the pipelines of a branch that are good for nothing, with their jobs and logs.

    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline
    + allowed: consent to delete; without it they are only named. It cannot be undone
    + listed: ids of those that may go although they have successful jobs, whose logs would be lost
    + newest: how many pipelines of the branch are looked at

    Ghosts are pipelines in which nothing happens and that lack jobs, are a duplicate of another one
    of the same commit, never ran at all, or are called active although none of their jobs is.

    **Example:**

    ```python
    pipelines.ghosts_deleted(
        name="Delete ghosts",
        ref="development",
        jobs=["build-k8s", "experiment:build"],
        allowed=True,
        listed=[6931],
    )
    ```
    """
    branch = branch_pipelines.branch(host, ref, jobs, newest)
    ghosts = branch_pipelines.to_delete(host, branch, allowed, listed)
    if allowed:
        branch_pipelines.name_later_ghosts(host, branch, listed)
    if not ghosts:
        host.noop(f"no pipeline of {ref} is to be deleted")
        return
    for number, reason in ghosts.items():
        path = f"{host.data.gitlab_path}/pipelines/{number}"
        change = f"pipeline {number}: exists -> deleted: {reason}"
        yield Request("DELETE", path, changes=[change], missing_ok=True)
