"""Explain the maintenance windows: open or closed, by which rule, and when next. It only looks.

    pyinfra inventory.py deploys/windows.py --dry
    pyinfra inventory.py deploys/windows.py --dry --data at=2026-12-24T03:00

docs/windows.md says how they are configured, and what they hold for.
"""

from pyinfra import host, inventory

from ops.site import windows
from ops.site.job import acts_on

acts_on("operator")

if "operator" in host.groups:
    windows.explanation(
        name="Explain the windows", lines=windows.lines(inventory, host.data.get("at", ""))
    )
