"""Fast-forward `master` to `development` on both remotes; never a forced push.

    pyinfra inventory.py deploys/sync_master.py --dry     # which commits, to which remote
    pyinfra inventory.py deploys/sync_master.py

docs/sync_master.md says where the credentials come from, and what a refusal looks like.
"""

from pyinfra import host

from ops import git

data = host.data

if "operator" in host.groups:
    git.branch_forwarded(
        name=f"Fast-forward {data.archive_branch} to {data.ci_branch}",
        directory=data.operator_clone,
        remotes=data.git_remotes,
        source=data.ci_branch,
        target=data.archive_branch,
        _continue_on_error=True,
    )
