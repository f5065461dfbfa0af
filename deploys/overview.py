"""The whole site at a glance, read-only: what is well, and what needs a hand.

    pyinfra inventory.py deploys/overview.py --dry --limit operator           # 1: a hand is needed
    pyinfra inventory.py deploys/overview.py --dry --limit operator --json    # an operation an area

Without `--limit operator` pyinfra connects to all hosts first, and shows nothing where one of them
cannot be reached; with it, only the area that cannot be read is missing.
docs/overview.md says what is looked at.
"""

from pyinfra import host, inventory

from ops import overview

if "operator" in host.groups:
    for area in overview.areas(inventory):
        overview.area(name=area.name, hands=area.hands, lines=area.lines)
