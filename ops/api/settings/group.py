"""The settings that the hosts of a group have, as a class: a field a setting."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, get_args

import msgspec
from pyinfra.api.exceptions import InventoryError
from pyinfra.api.inventory import Inventory

from ops.api.settings.kinds import Kind
from ops.api.settings.typed import kind_of


@dataclass(frozen=True)
class About:
    """What a setting is for.

    + text: its meaning, for docs/settings.md
    + jobs: names of the deploys that read it
    + unit: what it is counted in, where its type does not say that
    + names_hosts: whether the inventory makes names of hosts of it, for which `--data` is too late
    """

    text: str
    jobs: tuple[str, ...]
    unit: str
    names_hosts: bool

    def __init__(self, text: str, *jobs: str, unit: str = "", names_hosts: bool = False) -> None:
        values = {"text": text, "jobs": jobs, "unit": unit, "names_hosts": names_hosts}
        for name, value in values.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Setting:
    """One setting of a group.

    + group: whose hosts it describes
    + name, annotation: as the class of the group has them
    + kind: what it allows, in words
    + about: what it is for
    + required: whether it must be given
    + default: what counts where it is not
    """

    group: str
    name: str
    annotation: Any
    kind: Kind
    about: About
    required: bool
    default: Any = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the settings of a group. The name of the group is also that of its file."""

    group: ClassVar[str]

    @classmethod
    def of(cls, inventory: Inventory) -> Self:
        """Return the settings of a group of which every host has the same, for any other host.

        + inventory: of the run

        What a host's own data says (`host.data`) is the same for hosts of the group. Raises
        InventoryError where one is missing, which the check before connecting has found already if
        the group has hosts.
        """
        found = {name: _value(inventory, cls.group, name) for name in cls.__struct_fields__}
        given = {name: value for name, value in found.items() if value is not msgspec.UNSET}
        missing = [s.name for s in settings(cls) if s.required and s.name not in given]
        if missing:
            raise InventoryError(f"group {cls.group} has no {', '.join(missing)}")
        return cls(**given)


def settings(group: type[Group]) -> Iterator[Setting]:
    """Return the settings of a group, in the order of its class."""
    for field in msgspec.structs.fields(group):
        abouts = [part for part in get_args(field.type) if isinstance(part, About)]
        required = field.required
        yield Setting(
            group=group.group,
            name=field.name,
            annotation=field.type,
            kind=kind_of(field.type),
            about=abouts[-1] if abouts else About(""),
            required=required,
            default=None if field.default is msgspec.NODEFAULT else field.default,
        )


def _value(inventory: Inventory, group: str, name: str) -> Any:
    hosts = inventory.get_group(group, [])
    sources: list[Mapping[str, Any]] = [
        inventory.get_override_data(),
        inventory.get_host_data(hosts[0].name) if hosts else {},
        inventory.get_group_data(group),
        inventory.get_data(),
    ]
    return next((source[name] for source in sources if name in source), msgspec.UNSET)
