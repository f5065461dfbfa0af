"""Have one active pipeline: trigger a complete one, cancel obsolete ones, delete defunct ones.

    pyinfra inventory.py deploys/pipelines.py --dry
    pyinfra inventory.py deploys/pipelines.py --data obsolete_pipelines=6930,6931
    pyinfra inventory.py deploys/pipelines.py --data delete_defunct_pipelines=true

docs/pipelines.md says what is obsolete and what is defunct, and what cannot be undone.
"""

from pyinfra import host

from ops.gitlab import pipelines
from ops.site.job import acts_on

acts_on("project")

data = host.data

if "project" in host.groups:
    defunct, allowed = data.defunct_pipelines, data.delete_defunct_pipelines
    pipelines.push_pipeline(
        name=f"Wait for the pipeline of a push to {data.ci_branch}",
        ref=data.ci_branch,
        newest=data.newest_pipelines,
        seconds=data.push_pipeline_seconds,
    )
    # First, so that there never is none, and a pipeline is compared with the one that stays.
    pipelines.complete(
        name=f"Have a complete pipeline of {data.ci_branch}",
        ref=data.ci_branch,
        jobs=data.get("pipeline_jobs", ()),
        newest=data.newest_pipelines,
        replaced=defunct if allowed else (),
    )
    pipelines.no_obsolete(
        name="Cancel obsolete pipelines",
        ref=data.ci_branch,
        jobs=data.get("pipeline_jobs", ()),
        costly_stages=data.costly_stages,
        listed=data.obsolete_pipelines,
        newest=data.newest_pipelines,
        seconds=data.cancel_seconds,
    )
    pipelines.no_defunct(
        name="Delete defunct pipelines",
        ref=data.ci_branch,
        jobs=data.get("pipeline_jobs", ()),
        allowed=allowed,
        listed=defunct,
        newest=data.newest_pipelines,
    )
