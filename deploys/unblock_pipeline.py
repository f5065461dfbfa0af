"""Unblock the pending jobs of the live pipeline.

    pyinfra inventory.py deploys/unblock_pipeline.py --dry    # who waits for what, and who could
    pyinfra inventory.py deploys/unblock_pipeline.py          # set the tags, watch until all start

docs/unblock_pipeline.md says what it needs, what it writes and how to undo it.
"""

from pyinfra import host, inventory

from ops import branch_pipelines, gitlab, pipelines, tag_repair

data, groups = host.data, host.groups
pipeline = branch_pipelines.live(inventory, data.ci_branch)

if pipeline is None and "project" in groups:
    branch_pipelines.report_none(host, data.ci_branch)

if pipeline is not None and "runners" in groups:
    allowed = tag_repair.check_removal(host, tag_repair.situation(inventory))
    gitlab.runner(name="Set the tags", tags=data.tags, tag_removal_allowed=allowed)

if pipeline is not None and "project" in groups:
    pipelines.unblocked(
        name="Watch until every pending job is picked up",
        pipeline=pipeline["id"],
        tags=tag_repair.tag_table(inventory),
        seconds=data.unblock_seconds,
        interval=data.watch_interval,
        most_jobs=data.unblock_most_jobs,
        most_resets=data.unblock_most_resets,
        stalled_seconds=data.stalled_seconds,
        stalled_is_error=data.get("stalled_is_error", True),
    )
