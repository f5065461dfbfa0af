"""Whether the settings of a run are right, before it connects to anything."""

import difflib
import functools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from pyinfra.api.connectors import get_all_connectors
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.connectors.base import BaseConnector

from ops.api.secret_names import is_secret_name
from ops.api.settings.group import Group, Setting, settings
from ops.api.settings.typed import HIDDEN, Wrong, kind_of, typed

DIRECTORY = "group_data"
# The data of pyinfra's `all` is the inventory's own, and no group.
ALL = "all"
NOTHING = object()
# Types by name: settings of groups, and what connectors take.
Types = dict[str, Any]


class Check:
    """The settings of an inventory against the types of its groups.

    Values that are right are put in their places as their types have them: a text of the
    environment as a number, say.

    + inventory: as pyinfra has loaded it
    + file: what the command line calls it
    + groups: the types of the site, by the name of the group
    + texts: what `--data` says, as it was typed
    """

    def __init__(
        self,
        inventory: Inventory,
        file: str,
        groups: Mapping[str, type[Group]],
        texts: Mapping[str, str],
    ) -> None:
        self.inventory = inventory
        self.file = file
        self.texts = texts
        self.settings = {name: list(settings(kind)) for name, kind in groups.items()}
        self.naming = {
            setting.name: group
            for group, found in self.settings.items()
            for setting in found
            if setting.about.names_hosts
        }
        self.connector_types: Types = {}
        for host in inventory:
            self.connector_types |= _connector_types(host)

    def problems(self) -> list[str]:
        """Return a line for each setting that is wrong, unknown or missing."""
        known = self.connector_types | self._types(self.settings)
        data = self.inventory.get_override_data()
        return [
            *self._overrides(data, known),
            *self._group_data(),
            *self._host_data(),
            *self._missing(),
        ]

    def group_problems(self) -> list[str]:
        """Return a line for what the files of groups say and is wrong, whoever their hosts are."""
        lines: list[str] = []
        for group, data in self.inventory.group_data.items():
            types = self._types([group])
            for name, value in [(name, data[name]) for name in types if name in data]:
                lines += self._look(_file(group), data, name, value, types)
        return lines

    def connector_problems(self) -> list[str]:
        """Return a line for what `--data` tells a connector and is wrong: all else is not ours."""
        data, known = self.inventory.get_override_data(), self.connector_types
        return list(self._overrides(data, known, only=set(known)))

    def _overrides(
        self, data: dict[str, Any], known: Types, only: Collection[str] | None = None
    ) -> Iterator[str]:
        for name, value in list(data.items()):
            if only is not None and name not in only:
                continue
            if name in self.naming:
                yield (
                    f"--data: {name} makes names of hosts, which are there before --data is read:"
                    f" set it in {_file(self.naming[name])}, or as docs/settings.md says"
                )
                continue
            # pyinfra has made a number of the commit 1234567, say; what was typed is needed.
            given = value if isinstance(value, str) else self.texts.get(name, value)
            yield from self._look("--data", data, name, given, known, is_text=True)

    def _group_data(self) -> Iterator[str]:
        for group, data in ((ALL, self.inventory.get_data()), *self.inventory.group_data.items()):
            known = self._known(group)
            if known is None and data:
                names = {*self.settings, *self.inventory.groups}
                yield f"{_file(group)}: no host is in a group {group}{nearest(group, names)}"
                continue
            for name, value in list(data.items()):
                yield from self._look(_file(group), data, name, value, known or {})

    def _known(self, group: str) -> Types | None:
        """Return what the data of a group may have, or None where there is no such group."""
        hosts = self.inventory.get_group(group, [])
        if group in self.settings:
            return self.connector_types | self._types([group])
        if group.startswith("@"):
            connector = get_all_connectors().get(group.removeprefix("@"))
            return None if connector is None else _types_of(connector)
        if hosts:
            return self.connector_types | self._types({g for host in hosts for g in host.groups})
        return self.connector_types if group == ALL else None

    def _host_data(self) -> Iterator[str]:
        for host in self.inventory:
            known = _connector_types(host) | self._types([*host.groups, ALL])
            data = self.inventory.get_host_data(host.name)
            for name, value in list(data.items()):
                where = f"{self.file}: {host.name}"
                yield from self._look(where, data, name, value, known)

    def _look(
        self,
        where: str,
        data: dict[str, Any],
        name: str,
        value: Any,
        known: Types,
        is_text: bool = False,
    ) -> Iterator[str]:
        if name.startswith("_"):  # A helper of the file.
            return
        if name not in known:
            yield f"{where}: {self._unknown(name, known)}"
            return
        try:
            data[name] = typed(known[name], value, is_text=is_text)
        except Wrong as error:
            if is_secret_name(name):
                yield f"{where}: {name} is {kind_of(known[name]).words}, not {HIDDEN}"
            else:
                yield f"{where}: {name} is {error}"

    def _unknown(self, name: str, known: Types) -> str:
        others = [group for group, found in self.settings.items() if name in self._types([group])]
        if others:
            return f"{name} is a setting of {', '.join(others)}: move it to {_file(others[0])}"
        return f"there is no setting {name}{nearest(name, known)}"

    def _missing(self) -> Iterator[str]:
        for group, found in self.settings.items():
            hosts = list(self.inventory) if group == ALL else self.inventory.get_group(group, [])
            for setting in found:
                if setting.required:
                    yield from self._missing_one(setting, hosts)

    def _missing_one(self, setting: Setting, hosts: Iterable[Host]) -> Iterator[str]:
        without = [host for host in hosts if host.data.get(setting.name, NOTHING) is NOTHING]
        what = f"{setting.name} is missing: {setting.kind.words}"
        if without and set(without) == set(hosts):
            yield f"{_file(setting.group)}: {what}"
            return
        for host in without:
            yield f"{self.file}: {host.name}: {what}"

    def _types(self, groups: Iterable[str]) -> Types:
        return {s.name: s.annotation for group in groups for s in self.settings.get(group, ())}


def twice(entries: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Return a text for each host that a group has twice: pyinfra mixes their data.

    + entries: the names of the hosts of each group, as the inventory's file lists them
    """
    told = set()
    for group, names in entries.items():
        for name, count in Counter(names).items():
            if count > 1 and name not in told:  # Another group may be made out of this one.
                told.add(name)
                yield f"{group} has {name} {count} times"


def _connector_types(host: Host) -> Types:
    return _types_of(host.connector_cls)


@functools.cache  # A site has hundreds of hosts, and a handful of connectors.
def _types_of(connector: type[BaseConnector]) -> Types:
    return get_type_hints(connector.data_cls, include_extras=True)


def _file(group: str) -> str:
    file = Path(DIRECTORY, f"{group}.py")
    return str(file) if file.exists() else f"group {group}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a remark with the name that comes nearest to a mistyped one, or an empty text."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" (the nearest is {found[0]})" if found else ""
