"""Unblock the pending jobs of the active pipeline.

    pyinfra inventory.py deploys/unblock_pipeline.py --dry    # who waits for what, and who could
    pyinfra inventory.py deploys/unblock_pipeline.py          # set the tags, watch until all start

Nothing of the cluster is needed: --limit runners --limit project leaves it alone.
docs/unblock_pipeline.md says what it needs, what it writes and how to undo it.
"""

from pyinfra import host, inventory

from ops.gitlab import pipelines, runners
from ops.site.job import acts_on

acts_on("runners", "project")

data, groups = host.data, host.groups

if {"runners", "project"} & set(groups):
    runners.name_cause(host)  # Before what comes of it.

if "runners" in groups:
    allowed = runners.check_removal(host)
    runners.runner(name="Set the tags", tags=data.tags, tag_removal_allowed=allowed)

if "project" in groups:
    pipelines.pending_jobs(
        name="Watch until every pending job is picked up",
        ref=data.ci_branch,
        jobs=data.get("pipeline_jobs", ()),
        tags=runners.tag_table(inventory),
        pipeline=data.get("pipeline"),
        newest=data.newest_pipelines,
        seconds=data.unblock_seconds,
        interval=data.watch_interval,
        most_jobs=data.unblock_most_jobs,
        stalled_seconds=data.stalled_seconds,
        stalled_is_error=data.get("stalled_is_error", True),
    )
