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
from ops.api.console import report
from ops.api.demand import demand, table
from ops.api.operation import operation, read
from ops.api.pipeline import is_active, pending
from ops.api.request import Request, get
from ops.cancellation import nothing_active, wait_until_over
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
    lines = table([demand(job, runners, tags) for job in chosen], runners)
    if len(waiting) > len(chosen):
        lines.append(f"{len(waiting) - len(chosen)} more pending jobs are left alone")
    settings = Unblock(
        number, [job["name"] for job in chosen], tags, seconds, interval, stalled_seconds,
        stalled_is_error,
    )  # fmt: skip
    text = f"watch {len(chosen)} pending jobs of pipeline {number} for at most {seconds} s"
    yield Action(text, watch_pending, settings, changes=lines)


@operation
def complete(ref: str, jobs: Sequence[str], newest: int = 20) -> Iterator[PyinfraCommand]:
    """
    Have a complete pipeline for the head of a branch: find it, else trigger it through the API.

    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline
    + newest: how many pipelines of the branch are looked at

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
    branch = branch_pipelines.branch(host, ref, jobs, newest)
    known = {pipeline["id"]: pipeline for pipeline in branch.pipelines}
    for number, lacks in branch.lacking().items():
        branch_pipelines.explain(host, known[number], lacks)
    kept = branch.kept()
    if kept is not None:
        host.noop(f"pipeline {kept} of {branch.head[:8]} is complete")
        return

    def new(listed: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        found = (p for p in listed if p["id"] not in known and p["sha"] == branch.head)
        return next(found, None)

    path = host.data.gitlab_path
    yield Request(
        "POST",
        f"{path}/pipeline",
        {"ref": ref},
        changes=[f"complete pipeline of {ref} at {branch.head[:8]}: (absent) -> triggered"],
        lookup=get(f"{path}/pipelines", all_pages=True, ref=ref, sha=branch.head, source="api"),
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
    obsolete = branch.obsolete()
    for number in sorted(set(obsolete) - set(listed)):
        costly = branch.costly(number, costly_stages)
        if costly:
            text = f"pipeline {number} stays, {obsolete.pop(number)}: {', '.join(costly)}"
            report(host, [f"{text}. To consent: --data obsolete_pipelines={number}"])
    if not obsolete:
        host.noop(f"no pipeline of {ref} is to be canceled")
        return
    for number, reason in obsolete.items():
        count = sum(is_active(job["status"]) for job in branch.jobs(number) or ())
        path = f"{host.data.gitlab_path}/pipelines/{number}"
        yield Request(
            "POST",
            f"{path}/cancel",
            changes=[f"pipeline {number}: {count} active jobs -> canceled: {reason}"],
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
    ghosts = branch.ghosts()
    for number in sorted(set(ghosts) - set(listed)):
        good = branch.successful(number)
        if good:
            text = f"pipeline {number} stays: it has successful jobs ({', '.join(good)})"
            report(host, [f"{text}. To consent: --data ghost_pipelines={number}"])
            del ghosts[number]
    if not ghosts:
        host.noop(f"no pipeline of {ref} is to be deleted")
        return
    if not allowed:
        report(host, [f"pipeline {number} is a ghost: {why}" for number, why in ghosts.items()])
        report(host, ["To delete them for good: --data delete_ghosts=true"])
        host.noop("there is no consent to delete ghosts")
        return
    for number, reason in ghosts.items():
        path = f"{host.data.gitlab_path}/pipelines/{number}"
        change = f"pipeline {number}: exists -> deleted: {reason}"
        yield Request("DELETE", path, changes=[change], missing_ok=True)

