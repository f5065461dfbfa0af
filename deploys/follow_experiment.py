"""Follow the experiment to its end, and replace the runner's pod after each of its jobs.

    pyinfra inventory.py deploys/follow_experiment.py --dry
    pyinfra inventory.py deploys/follow_experiment.py --data follow_seconds=28800

Started again, it goes on where the pipeline is. docs/follow_experiment.md says more.
"""

from pyinfra import host, inventory

from ops import branch_pipelines, experiment, tag_repair

data = host.data
pipeline = branch_pipelines.live(inventory, data.ci_branch)

if "project" in host.groups:
    experiment.unpaused(
        name="Take back the pause of a run that was killed",
        runner=data.experiment_runner,
        tags=tag_repair.tag_table(inventory)[data.experiment_runner],
    )

if pipeline is None and "project" in host.groups:
    branch_pipelines.report_none(host, data.ci_branch)

if pipeline is not None and "project" in host.groups:
    pod = inventory.get_group("runner_pod")[0].data
    experiment.followed(
        name="Follow the experiment to its end",
        pipeline=pipeline["id"],
        runner=data.experiment_runner,
        namespace=pod.pod_namespace,
        selector=pod.pod_selector,
        seconds=data.follow_seconds,
        interval=data.watch_interval,
        ready_seconds=data.runner_ready_seconds,
        stalled_seconds=data.stalled_seconds,
        tags=tag_repair.tag_table(inventory),
        stalled_is_error=data.get("stalled_is_error", True),
    )
