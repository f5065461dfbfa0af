"""Have one live pipeline: cancel obsolete ones, delete ghosts with consent, trigger a complete one.

    pyinfra inventory.py deploys/pipelines.py --dry
    pyinfra inventory.py deploys/pipelines.py --data delete_ghosts=true

docs/pipelines.md says what is obsolete and what a ghost is, and what cannot be undone.
"""

from pyinfra import host

from ops import branch_pipelines, pipelines
from ops.api.consent import consent

data = host.data

if "project" in host.groups:
    found = branch_pipelines.sorted_out(host, data.ci_branch, data.pipeline_jobs)
    for pipeline, reason in found.obsolete.items():
        pipelines.canceled(
            name=f"Cancel pipeline {pipeline}",
            pipeline=pipeline,
            reason=reason,
            seconds=data.cancel_seconds,
        )
    listed = branch_pipelines.listed(data.ghost_pipelines)
    for pipeline, reason in found.ghosts_to_delete(
        host, consent(host, "delete_ghosts"), listed
    ).items():
        pipelines.deleted(
            name=f"Delete pipeline {pipeline}",
            pipeline=pipeline,
            reason=reason,
            listed=pipeline in listed,
        )
    pipelines.complete(
        name=f"Have a complete pipeline of {data.ci_branch}",
        ref=data.ci_branch,
        jobs=data.pipeline_jobs,
    )
