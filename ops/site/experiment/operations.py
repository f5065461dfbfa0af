"""Operations on the experiment that a pipeline runs on one runner, job by job.

The host is the project: `@gitlab/projects/42`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from pyinfra import host, inventory
from pyinfra.api.command import PyinfraCommand

from ops.api.action import Action, failure
from ops.api.console import report
from ops.api.operation import operation, read
from ops.gitlab.facts.pipelines import PipelineJobs
from ops.gitlab.facts.runners import Runners
from ops.gitlab.pipelines import later, selection
from ops.gitlab.pipelines.results import lost
from ops.gitlab.pipelines.status import counted, is_active, progress
from ops.kubernetes.facts import Pods
from ops.kubernetes.pods import choose
from ops.site.experiment.follow import Follow, Jobs, follow
from ops.site.experiment.pause_mark import mark_of
from ops.site.experiment.runner_jobs import is_younger, last_job
from ops.site.experiment.runner_pause import is_alive, unpause
from ops.site.experiment.runner_pod import RunnerPod

LONGEST_INTERVAL = 2  # between two looks at a pod, while its runner is paused


@operation
def pipeline_completion(
    ref: str,
    runner: int,
    namespace: str,
    selector: str,
    prefix: str,
    jobs: Sequence[str] = (),
    pipeline: int | None = None,
    newest: int = 20,
    cluster: str = "@kubernetes",
    seconds: float = 14400,
    interval: float = 10,
    grace: int = 5,
    ready_seconds: float = 300,
    stalled_seconds: float = 120,
    tags: Mapping[int, Collection[str]] | None = None,
    stalled_is_error: bool = True,
) -> Iterator[PyinfraCommand]:
    """
    Follow the active pipeline to its end, and replace the runner's pod after each experiment job.

    + ref: name of the branch
    + runner: id of the runner of the experiment jobs, which stops polling after each of them
    + namespace, selector: where the runner's pod is; of several ones the newest counts
    + prefix: what the names of the experiment's jobs begin with
    + jobs: names of all jobs of a complete pipeline, which is preferred to a part of one; none:
      those that the CI configuration gives
    + pipeline: id of a pipeline to follow instead of the active one
    + newest: how many pipelines of the branch are looked at
    + cluster: name of the host that is the Kubernetes API
    + seconds: how long to follow; running it again goes on where the pipeline is then
    + interval: seconds between two looks
    + grace: seconds that a pod has to end
    + ready_seconds: how long the next pod may take to be ready
    + stalled_seconds: replace it also when a job waits that long and the runner does not poll
    + tags: the tags that each runner should have, by its id
    + stalled_is_error: whether it fails when only jobs are left that no runner can take

    The pod is never replaced while a job is on the runner: that is paused first. It succeeds when
    all jobs are over and none has failed, and the pod was replaced after the last one. Where no
    pipeline is active, it fails if the head's pipeline has failed. Raises
    OperationValueError where the project has no such `pipeline`.

    **Example:**

    ```python
    experiment.pipeline_completion(
        name="Follow the experiment to its end",
        ref="development",
        runner=17,
        namespace="gitlab-runner",
        selector="app=build-1",
        prefix="experiment:",
        seconds=14400,
    )
    ```
    """
    if pipeline is None and later.comes_after_own_commits(ref):
        yield later.unknown("follow it, and replace the runner's pod after each experiment job")
        return
    live = selection.active_pipeline(host, ref, jobs, newest, pipeline)
    if live is None:
        yield from _without_active_pipeline(ref, jobs, newest)
        return
    number = live["id"]
    found = read(host, PipelineJobs, pipeline=number)
    looks = min(interval, LONGEST_INTERVAL)
    own = (tags or {}).get(runner, ())
    target = RunnerPod(runner, namespace, selector, grace, ready_seconds, interval=looks, tags=own)
    has_more = any(job["status"] == "created" for job in found)
    by_hand = selection.configured(host, ref).own(live).manual if has_more else ()
    left = _left(found, target, cluster, prefix, by_hand)
    if left is None:
        if lost(found):
            yield _failed(f"pipeline {number}", found)
        else:
            host.noop(f"pipeline {number} is over")
        return
    settings = Follow(
        number, target, cluster, seconds, interval, stalled_seconds, tags or {}, stalled_is_error,
        prefix, shown=progress(found),
    )  # fmt: skip
    yield Action(
        f"follow pipeline {number} for at most {seconds:.0f} s",
        follow,
        settings,
        changes=[*progress(found), *_steps(left, target)],
        is_watch=True,
    )


@operation
def no_leftover_pause(
    runner: int, tags: Collection[str] = (), ready_seconds: float = 300
) -> Iterator[PyinfraCommand]:
    """
    Take back the pause in which a run that was killed has left a runner; leave anybody else's.

    + runner: id of the runner
    + tags: what it should have; GitLab unpauses no runner without tags
    + ready_seconds: how long the next pod may take; a pause that is older by a minute was left

    The mark in the runner's maintenance note says who has paused it. A young pause of another run
    is left alone, unless that ran on this host and is gone.

    **Example:**

    ```python
    experiment.no_leftover_pause(
        name="Take back a pause that was left",
        runner=17,
    )
    ```
    """
    settings = read(host, Runners).get(runner)
    mark = mark_of(settings) if settings else None
    if mark is None:
        host.noop(f"no run has left runner {runner} paused")
        return
    if is_alive(mark, ready_seconds):
        text = f"another run has paused runner {runner}, and is left alone: {mark}"
        report(host, [text])
        host.noop(text)
        return
    yield unpause(
        runner, settings, tags, [f"runner {runner} paused: true -> false (left by {mark})"]
    )


def _without_active_pipeline(
    ref: str, names: Sequence[str], newest: int
) -> Iterator[PyinfraCommand]:
    """Fail where the head's pipeline has failed: nobody triggers another one."""
    branch = selection.branch(host, ref, names, newest)
    head = branch.head_pipeline()
    found = branch.jobs(head) or () if head is not None else ()
    if lost(found) and not any(is_active(job["status"]) for job in found):
        yield _failed(f"pipeline {head} of the head", found)
    else:
        selection.no_active_pipeline(host, ref)


def _failed(pipeline: str, jobs: Jobs) -> Action:
    text = f"{pipeline} has failed: {', '.join(lost(jobs))}"
    return failure(host, f"{text}. Retry it in GitLab, then run again")


def _steps(left: int, target: RunnerPod) -> list[str]:
    """Return how often the pod is to be replaced, and what that is."""
    return [
        f"after each experiment job, {counted(left, 'time')}, for runner {target.runner}:",
        f"  pause it, delete its pod ({target.selector}, grace period {target.grace} s),",
        "  wait until the next one is ready, unpause it, wait until it polls",
    ]


def _left(
    jobs: Jobs, target: RunnerPod, cluster: str, prefix: str, by_hand: Collection[str]
) -> int | None:
    """Return after how many jobs the pod is still to be replaced, or None where all is done.

    + by_hand: jobs that a person starts: nobody waits for one that is not there yet
    """
    active = [job for job in jobs if is_active(job["status"])]
    if active:
        own = [job for job in active if job["name"].startswith(prefix)]
        return len([j for j in own if j["status"] != "created" or j["name"] not in by_hand])
    last = last_job(jobs, target.runner)
    if last is None:
        return None
    where = {"namespace": target.namespace, "selector": target.selector}
    pod = choose(read(inventory.get_host(cluster), Pods, **where), settled=True).pod
    return None if pod is not None and is_younger(pod, last) else 1
