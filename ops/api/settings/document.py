"""docs/settings.md: the settings of all groups as tables, out of their types and values."""

import inspect
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from pyinfra.connectors.base import BaseConnector

from ops.api.settings.group import Group, Setting, settings
from ops.api.settings.kinds import Kind
from ops.api.settings.typed import kind_of

HEADER = ("setting", "meaning", "type", "unit", "default", "jobs")
CONNECTOR_HEADER = ("setting", "meaning", "type", "default")
LONGEST_DEFAULT = 50


@dataclass(frozen=True)
class Given:
    """What a file says of a setting.

    + value: without any variable of the environment
    + variables: names of the variables of the environment that it is read from
    """

    value: Any
    variables: Sequence[str] = ()


# What the file of each group says.
Files = Mapping[str, Mapping[str, Given]]


def of_groups(groups: Iterable[type[Group]], files: Files) -> Iterator[str]:
    """Return the lines of a chapter for each group."""
    for group in groups:
        given = files.get(group.group, {})
        yield from _chapter(group.group, inspect.getdoc(group) or "")
        yield from _table(
            HEADER,
            [
                (
                    f"`{setting.name}`", _meaning(setting), setting.kind.words,
                    setting.about.unit or setting.kind.unit,
                    _default(given.get(setting.name), setting.required, setting.default),
                    ", ".join(sorted(setting.about.jobs)),
                )
                for setting in settings(group)
            ],
        )  # fmt: skip


def of_connectors(connectors: Mapping[str, type[BaseConnector]], files: Files) -> Iterator[str]:
    """Return the lines of a chapter for each connector, of what an operator may set."""
    for name, connector in connectors.items():
        given = {**files.get(name, {}), **files.get("all", {})}
        hints = get_type_hints(connector.data_cls, include_extras=True)
        yield from _chapter(name, (inspect.getdoc(connector) or "").split("\n")[0])
        yield from _table(
            CONNECTOR_HEADER,
            [
                (
                    f"`{setting}`", meta.description, _with_unit(kind_of(hints[setting])),
                    _default(given.get(setting), False, meta.default),
                )
                for setting, meta in connector.data_meta.items()
            ],
        )  # fmt: skip


def _chapter(name: str, text: str) -> Iterator[str]:
    yield from ("", f"## {name}", text, "")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(header)
    yield _row(["---"] * len(header))
    for row in rows:
        yield _row(row)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _with_unit(kind: Kind) -> str:
    return f"{kind.words} ({kind.unit})" if kind.unit else kind.words


def _default(given: Given | None, required: bool, default: Any) -> str:
    if given is None and required:
        return "of each host, in `inventory.py`"
    value = default if given is None else given.value
    text = "none" if value in (None, "", [], {}) else f"`{_short(value)}`"
    variables = [f"`${name}`" for name in (given.variables if given else ())]
    if len(variables) > 2:
        variables = [f"{variables[0]} to {variables[-1]}"]
    return ", else ".join([*variables, text])


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if len(text) <= LONGEST_DEFAULT:
        return text
    count = f" ({len(value)})" if isinstance(value, list | dict) else ""
    return f"{text[:LONGEST_DEFAULT]}…{count}"


def _meaning(setting: Setting) -> str:
    text = setting.about.text
    return f"{text}; not with `--data`" if setting.about.names_hosts else text
