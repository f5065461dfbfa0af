"""Put the settings of the runners back to what a snapshot holds.

    pyinfra inventory.py deploys/restore_runners.py --dry
    pyinfra inventory.py deploys/restore_runners.py --data snapshot=snapshots/runners-….json

Without `snapshot` the newest one in snapshots/ is taken. Where that takes tags away it needs
`--data allow_tag_removal=true`. docs/restore_runners.md says more.
"""

from pyinfra import host, inventory

from ops.api.settings import approval
from ops.gitlab import runners, snapshot
from ops.site.job import acts_on

acts_on("gitlab", "runners")

data, groups = host.data, host.groups

if "gitlab" in groups or "runners" in groups:
    path = data.get("snapshot") or data.snapshot_directory
    saved = snapshot.newest(path, data.gitlab_url)

if "gitlab" in groups:
    saved.report(host, known=runners.tag_table(inventory))

if "runners" in groups and runners.runner_id(host) in saved.runners:
    runners.runner(
        name="Restore the settings of the runner",
        tag_removal_allowed=approval(host, "allow_tag_removal"),
        **saved.settings(runners.runner_id(host)),
    )
