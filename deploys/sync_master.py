"""Bring `master` of each remote up to date: it gets the commits that `development` has.

What cannot be pushed without losing a commit is refused. Commits that were made through GitLab's
API are on one remote only, so `development` of the other one is forwarded as well.

    pyinfra inventory.py deploys/sync_master.py --dry     # which commits, to which remote
    pyinfra inventory.py deploys/sync_master.py

docs/sync_master.md says where the credentials come from, and what a refusal looks like.
"""

from pyinfra import host, inventory

from ops.git import branches
from ops.site.job import acts_on
from ops.site.settings import Project

acts_on("operator", needs=("project",))

data, project = host.data, Project.of(inventory)

if "operator" in host.groups:
    branches.fast_forward(
        name=f"Fast-forward {project.ci_branch} and {project.target_branch}",
        directory=data.operator_clone,
        remotes=data.git_remotes,
        token_variables=data.git_token_variables,
        source=project.ci_branch,
        targets=[project.ci_branch, project.target_branch],
        _continue_on_error=True,
    )
