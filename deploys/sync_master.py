"""Bring `master` of each remote up to date: it gets the commits that `development` has.

What cannot be pushed without losing a commit is refused. Commits that were made through GitLab's
API are on one remote only, so `development` of the other one is forwarded as well.

    pyinfra inventory.py deploys/sync_master.py --dry     # which commits, to which remote
    pyinfra inventory.py deploys/sync_master.py

docs/sync_master.md says where the credentials come from, and what a refusal looks like.
"""

from pyinfra import host

from ops.git import branches
from ops.site.job import acts_on

acts_on("operator")

data = host.data

if "operator" in host.groups:
    branches.fast_forward(
        name=f"Fast-forward {data.ci_branch} and {data.target_branch}",
        directory=data.operator_clone,
        remotes=data.git_remotes,
        source=data.ci_branch,
        targets=[data.ci_branch, data.target_branch],
        _continue_on_error=True,
    )
