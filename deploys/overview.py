"""The whole site at a glance, read-only: what is well, and what needs attention.

    pyinfra inventory.py deploys/overview.py --dry         # exit code 1 where it found something
    pyinfra inventory.py deploys/overview.py --dry --json    # `attention`: what, and the job

docs/overview.md says what is looked at.
"""

from pyinfra import host, inventory

from ops.site import overview
from ops.site.job import acts_on

acts_on("operator")

if "operator" in host.groups:
    for area in overview.areas(inventory):
        overview.area(name=area.name, problems=area.problems, lines=area.lines)
