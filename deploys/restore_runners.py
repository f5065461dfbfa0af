"""Put the settings of the runners back to what a snapshot holds.

    pyinfra inventory.py deploys/restore_runners.py --dry
    pyinfra inventory.py deploys/restore_runners.py --data snapshot=snapshots/runners-….json

Without `snapshot` the newest one in snapshots/ is taken. Where that takes tags away it needs
`--data allow_tag_removal=true`. docs/restore_runners.md says more.
"""

from pyinfra import host, inventory

from ops.gitlab import runners, snapshot
from ops.site.job import acts_on
from ops.site.settings import Operator

acts_on("gitlab", "runners", needs=("gitlab", "runners"))

data, groups = host.data, host.groups

if "gitlab" in groups or "runners" in groups:
    files = Operator.of(inventory)
    saved = snapshot.newest(files.snapshot or files.snapshot_directory, data.gitlab_url)

if "gitlab" in groups:
    saved.report(host, known=runners.tag_table(inventory))

if "runners" in groups and runners.runner_id(host) in saved.runners:
    runners.runner(
        name="Restore the settings of the runner",
        tag_removal_allowed=data.allow_tag_removal,
        **saved.settings(runners.runner_id(host)),
    )
