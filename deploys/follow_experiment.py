"""Follow the experiment to its end, and replace the runner's pod after each of its jobs.

    pyinfra inventory.py deploys/follow_experiment.py --dry
    pyinfra inventory.py deploys/follow_experiment.py --data follow_seconds=28800

Started again, it goes on where the pipeline is. docs/follow_experiment.md says more.
"""

from pyinfra import host, inventory

from ops.api.settings import number
from ops.gitlab import runners
from ops.site import experiment
from ops.site.job import acts_on

acts_on("project")

data = host.data

if "project" in host.groups:
    tags = runners.tag_table(inventory)
    experiment.no_leftover_pause(
        name="Take back the pause of a run that was killed",
        runner=data.experiment_runner,
        tags=tags[data.experiment_runner],
        ready_seconds=number(host, "runner_ready_seconds"),
    )
    pod = inventory.get_group("runner_pod")[0].data
    experiment.pipeline_completion(
        name="Follow the experiment to its end",
        ref=data.ci_branch,
        jobs=data.pipeline_jobs,
        pipeline=data.get("pipeline"),
        newest=number(host, "newest_pipelines"),
        runner=data.experiment_runner,
        namespace=pod.pod_namespace,
        selector=pod.pod_selector,
        seconds=number(host, "follow_seconds"),
        interval=number(host, "watch_interval"),
        ready_seconds=number(host, "runner_ready_seconds"),
        stalled_seconds=number(host, "stalled_seconds"),
        tags=tags,
        stalled_is_error=data.get("stalled_is_error", True),
    )
