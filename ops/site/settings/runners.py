"""Settings of the group `runners`, and what the inventory must say of them as a table."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pyinfra.api.inventory import Inventory

from ops.api.settings.group import About, Group
from ops.api.settings.kinds import Approval, Text
from ops.gitlab.tags import Tags

RUNNER = re.compile(r"@gitlab/runners/([1-9][0-9]*)")
JOBS = ("fix_tags", "unblock_pipeline")


class Runners(Group, frozen=True, kw_only=True):
    """Runners of GitLab, `@gitlab/runners/ID`."""

    group: ClassVar[str] = "runners"

    description: Annotated[
        Text, About("its name in GitLab, which must be that of the id", "overview", *JOBS)
    ]
    tags: Annotated[Tags, About("all tags that it must have", "overview", *JOBS)]
    allow_tag_removal: Annotated[
        Approval, About("approval to take away a tag that a runner has", "restore_runners", *JOBS)
    ]


def table_problems(inventory: Inventory) -> Iterator[str]:
    """Return a text for each runner that is none, and for each that is there twice.

    + inventory: of the run
    """
    ids: dict[int, str] = {}
    descriptions: dict[str, str] = {}
    for host in inventory.get_group("runners", []):
        found = RUNNER.fullmatch(host.name)
        if found is None:
            yield f"{host.name}: a runner is @gitlab/runners/ID{_same(host.name, ids)}"
            continue
        ids[int(found[1])] = host.name
        description = str(host.data.get("description") or "")
        if description in descriptions:
            yield f"{host.name}: {descriptions[description]} is called {description!r}, too"
        elif description:
            descriptions[description] = host.name


def _same(name: str, ids: dict[int, str]) -> str:
    """Return a remark where another spelling is the id of a runner that is there already."""
    numbers = re.findall(r"\d+", name)
    same = ids.get(int(numbers[-1])) if numbers else None
    return f", and this is {same} again" if same else ""
