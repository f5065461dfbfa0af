"""Fast-forward `master` to `development` on both remotes; never a forced push.

What was committed through GitLab's API is on GitLab's `development` only, so the other remote's is
forwarded first.

    pyinfra inventory.py deploys/sync_master.py --dry     # which commits, to which remote
    pyinfra inventory.py deploys/sync_master.py

docs/sync_master.md says where the credentials come from, and what a refusal looks like.
"""

from pyinfra import host

from ops import git

data = host.data

if "operator" in host.groups:
    git.branch_forwarded(
        name=f"Fast-forward {data.ci_branch} and {data.archive_branch}",
        directory=data.operator_clone,
        remotes=data.git_remotes,
        source=data.ci_branch,
        targets=[data.ci_branch, data.archive_branch],
        _continue_on_error=True,
    )
