"""Follow the experiment to its end, and replace the runner's pod after each of its jobs.

    pyinfra inventory.py deploys/follow_experiment.py --dry
    pyinfra inventory.py deploys/follow_experiment.py --data follow_seconds=28800

Started again, it goes on where the pipeline is. docs/follow_experiment.md says more.
"""

from pyinfra import host, inventory

from ops.api.hosts import only
from ops.gitlab import runners
from ops.site import experiment
from ops.site.job import acts_on
from ops.site.settings import RunnerPod

acts_on("project", needs=("runner_pod", "cluster"))

data = host.data

if "project" in host.groups:
    followed, pod = RunnerPod.of(inventory), only(inventory, "runner_pod").data
    tags = runners.tag_table(inventory)
    experiment.no_leftover_pause(
        name="Take back the pause of a run that was killed",
        runner=followed.experiment_runner,
        tags=tags[followed.experiment_runner],
        ready_seconds=followed.runner_ready_seconds,
    )
    experiment.pipeline_completion(
        name="Follow the experiment to its end",
        ref=data.ci_branch,
        jobs=data.get("pipeline_jobs", ()),
        pipeline=data.get("pipeline"),
        newest=data.newest_pipelines,
        runner=followed.experiment_runner,
        prefix=followed.experiment_job_prefix,
        cluster=only(inventory, "cluster").name,
        namespace=pod.pod_namespace,
        selector=pod.pod_selector,
        seconds=followed.follow_seconds,
        interval=data.watch_interval,
        ready_seconds=followed.runner_ready_seconds,
        stalled_seconds=data.stalled_seconds,
        tags=tags,
        stalled_is_error=data.get("stalled_is_error", True),
    )
