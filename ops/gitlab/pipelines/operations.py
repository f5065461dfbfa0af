"""Operations on the pipelines of a GitLab project (https://docs.gitlab.com/api/pipelines/).

The host is the project: `@gitlab/projects/42`. What is there is read again before it is changed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from pyinfra import host
from pyinfra.api.command import PyinfraCommand

from ops.api.action import Action
from ops.api.operation import operation, read
from ops.gitlab.facts.pipelines import PipelineJobs, Pipelines
from ops.gitlab.facts.repository import BranchHead
from ops.gitlab.facts.runners import Runners
from ops.gitlab.pipelines import incomplete, later, selection, triggered
from ops.gitlab.pipelines.cancellation import active_jobs, cancel, delete, wait_until_over
from ops.gitlab.pipelines.pending_watch import BEGINNING, Unblock, watch_pending, who_could_take
from ops.gitlab.pipelines.push_wait import seconds_left, wait_for_pipeline
from ops.gitlab.pipelines.status import pending


@operation
def pending_jobs(
    ref: str,
    tags: Mapping[int, Collection[str]],
    jobs: Sequence[str] = (),
    pipeline: int | None = None,
    newest: int = 20,
    seconds: float = 600,
    interval: float = 5,
    most_jobs: int = 50,
    stalled_seconds: float = 120,
    stalled_is_error: bool = True,
) -> Iterator[PyinfraCommand]:
    """
    Watch the pending jobs of the active pipeline until a runner has each of them.

    + ref: name of the branch
    + tags: the tags that each runner should have, by its id; a lost one is set again
    + jobs: names of all jobs of a complete pipeline, which is preferred; none: by the rules
    + pipeline: id of a pipeline to look after instead of the active one
    + newest: how many pipelines of the branch are looked at
    + seconds: how long to watch
    + interval: seconds between two looks
    + most_jobs: how many jobs to look after, the ones that wait longest first
    + stalled_seconds: a runner that could take a job and has not polled for so long is stalled
    + stalled_is_error: whether it fails when no job is left that a runner takes without help

    The preview shows which job waits for which tags, and which runner could take it. Jobs that no
    runner can take are named with the reason, and fail the operation when only they are left; so
    does one that ends without a runner. Raises OperationValueError if `pipeline` is not there.

    **Example:**

    ```python
    pipelines.pending_jobs(
        name="Watch until every pending job is picked up",
        ref="development",
        tags={11: ["debian", "x86_64"]},
    )
    ```
    """
    if pipeline is None and later.comes_after_own_commits(ref):
        yield later.unknown("watch its pending jobs")
        return
    live = selection.active_pipeline(host, ref, jobs, newest, pipeline)
    if live is None:
        selection.no_active_pipeline(host, ref)
        return
    waiting = pending(read(host, PipelineJobs, pipeline=live["id"]))
    if not waiting and live["status"] not in BEGINNING:
        host.noop(f"no job of pipeline {live['id']} is pending")
        return
    settings = Unblock(
        live["id"], [job["name"] for job in waiting[:most_jobs]], tags, seconds, interval,
        stalled_seconds, stalled_is_error, most_jobs,
    )  # fmt: skip
    lines = [f"pipeline {live['id']} is {live['status']}: none of its jobs is pending yet"]
    if waiting:
        lines = who_could_take(waiting, read(host, Runners), settings)
    yield Action(str(settings), watch_pending, settings, changes=lines, is_watch=True)


@operation
def push_pipeline(ref: str, newest: int = 20, seconds: float = 60) -> Iterator[PyinfraCommand]:
    """
    Wait until the head of a branch has the pipeline that GitLab makes of a push, if it makes one.

    + ref: name of the branch
    + newest: how many pipelines of the branch are looked at
    + seconds: how long after the commit its pipeline may appear; an older head is not waited for

    **Example:**

    ```python
    pipelines.push_pipeline(
        name="Wait for the pipeline of the push",
        ref="development",
    )
    ```
    """
    head = read(host, BranchHead, branch=ref)
    commit, left = head["id"], seconds_left(head, seconds)
    if not left or any(p["sha"] == commit for p in read(host, Pipelines, ref=ref, newest=newest)):
        host.noop(f"no pipeline of a push of {commit[:8]} is awaited")
        return
    text = f"wait for the pipeline of {commit[:8]} until {seconds} s after the commit"
    yield Action(text, wait_for_pipeline, ref, commit, newest, left, is_check=True)


@operation
def complete(
    ref: str, jobs: Sequence[str] = (), newest: int = 20, replaced: Collection[int] = ()
) -> Iterator[PyinfraCommand]:
    """
    Have a complete pipeline for the head of a branch: find it, else trigger it through the API.

    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline; none: those that the CI configuration gives
    + newest: how many pipelines of the branch are looked at
    + replaced: ids of triggered pipelines that lack jobs and are to make way for another one

    Complete is one with all jobs that the configuration (data `ci_file`) gives a pipeline of the
    API, manual ones left out. It is triggered once, and fails if it lacks jobs. Raises
    OperationError if the rules cannot be decided, or an earlier one that was triggered lacks jobs.

    **Example:**

    ```python
    pipelines.complete(
        name="Have a complete pipeline for the head of the branch",
        ref="development",
    )
    ```
    """
    if later.comes_after_own_commits(ref):
        yield later.unknown("have a complete pipeline", "whether the push makes one is unknown")
        return
    branch = selection.branch(host, ref, jobs, newest)
    incomplete.check_decided(host, branch)
    incomplete.explain(host, branch, selection.configured(host, ref))
    head, required = branch.head_pipeline(), branch.full(branch.head)
    if head is not None:
        doubts = f"; undecided: {', '.join(required.open)}" if required.open else ""
        host.noop(f"pipeline {head} of {branch.head[:8]} is complete{doubts}")
        return
    incomplete.check_trigger(host, branch, replaced)
    yield triggered.request(host, ref, branch)
    yield Action("see that it has all jobs", triggered.is_complete, required)


@operation
def no_obsolete(
    ref: str,
    jobs: Sequence[str] = (),
    costly_stages: Collection[str] = (),
    listed: Collection[int] = (),
    newest: int = 20,
    seconds: float = 360,
) -> Iterator[PyinfraCommand]:
    """
    Cancel the obsolete pipelines of a branch that still do something, and see that they really end.

    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline; none: those that the CI configuration gives
    + costly_stages: stages of long work; a pipeline in which such a job runs or succeeded stays
    + listed: ids of the pipelines that may be canceled all the same: the approval
    + newest: how many pipelines of the branch are looked at
    + seconds: how long their jobs may take to end

    Obsolete are all but the head's pipeline: a complete one of the branch's head; one that runs
    comes first, then one with costly jobs, then the newest. Where there is none, it fails and
    cancels nothing; where the rules cannot be decided, it says so and cancels nothing.

    **Example:**

    ```python
    pipelines.no_obsolete(
        name="Cancel obsolete pipelines",
        ref="development",
        costly_stages=["release"],
    )
    ```
    """
    branch = selection.branch(host, ref, jobs, newest, costly_stages=costly_stages)
    branch = later.after_own_commits(host, ref, branch)
    if selection.is_undecided(host, branch, "canceled"):
        return
    if selection.is_unsafe(branch):
        yield selection.no_head_pipeline(host, branch, "canceled")
        return
    obsolete = selection.to_cancel(host, branch, listed)
    if not obsolete:
        host.noop(f"no pipeline of {ref} is to be canceled")
        return
    for number, reason in obsolete.items():
        active = len(active_jobs(branch.jobs(number) or ()))
        if active:  # Otherwise it was told to, and has not come to its end.
            yield cancel(host, number, active, reason)
    text = f"see that they end: {', '.join(map(str, obsolete))}"
    yield Action(text, wait_until_over, list(obsolete), seconds)


@operation
def no_defunct(
    ref: str,
    jobs: Sequence[str] = (),
    allowed: bool = False,
    listed: Collection[int] = (),
    newest: int = 20,
) -> Iterator[PyinfraCommand]:
    """
    Delete the pipelines of a branch that are good for nothing, with their jobs and logs.

    + ref: name of the branch
    + jobs: names of all jobs of a complete pipeline; none: those that the CI configuration gives
    + allowed: approval to delete; without it they are only named. It cannot be undone
    + listed: ids of those that may go although they have successful jobs, with their logs
    + newest: how many pipelines of the branch are looked at

    Defunct are pipelines in which nothing happens and that lack jobs of their own rules, are a
    duplicate or part of another one of their commit, never ran, or are called active although no
    job is. Where the head has none, it fails and deletes nothing.

    **Example:**

    ```python
    pipelines.no_defunct(
        name="Delete defunct pipelines",
        ref="development",
        allowed=True,
        listed=[6931],
    )
    ```
    """
    branch = selection.branch(host, ref, jobs, newest)
    if selection.is_undecided(host, branch, "deleted"):
        return
    if allowed and selection.is_unsafe(branch):
        yield selection.no_head_pipeline(host, branch, "deleted")
        return
    defunct = selection.to_delete(host, branch, allowed, listed)
    if allowed:
        selection.name_later_defunct(host, branch, listed)
    if not defunct:
        host.noop(f"no pipeline of {ref} is to be deleted")
        return
    for number, reason in defunct.items():
        yield delete(host, number, reason)
