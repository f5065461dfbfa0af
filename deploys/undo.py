"""Take back what a run has changed, as its record has it.

    runs list                                                       # which run
    pyinfra inventory.py deploys/undo.py --data record=12 --dry     # what it was, field by field
    pyinfra inventory.py deploys/undo.py --data record=12

What somebody has changed since is refused, with exit code 4. docs/undo.md says what has a reverse.
"""

from pyinfra import host, inventory

from ops.site import undo

run = undo.run(inventory)
undo.acts(inventory, run)

for operation, targets in host.loop(run.steps.items()):
    for target in targets:
        if target.host == host.name:
            undo.reversal(
                name=f"Take back: {operation}",
                values=target.values,
                variable=target.variable,
                uid=target.uid,
                made=target.made,
                endpoint=target.endpoint,
                tag_removal_allowed=host.data.get("allow_tag_removal", False),
            )
