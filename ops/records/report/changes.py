"""What a run has changed, field by field, out of its document."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.api.visible import cut

# Of one text, and of the rows of a table: a report of any record is one that opens.
LONGEST, MOST_ROWS = 1500, 400
DID_CHANGE = ("changed", "failed in part")


@dataclass(frozen=True)
class Value:
    """A value as it is shown.

    + kind: absent, empty, list, text or code
    + texts: its items, or itself
    """

    kind: str
    texts: Sequence[str] = ()

    @property
    def lines(self) -> int:
        """How many lines a text has."""
        return self.texts[0].count("\n") + 1


@dataclass(frozen=True)
class Field:
    """A field that became another one."""

    host: str
    name: str
    old: Value
    new: Value


@dataclass(frozen=True)
class Change:
    """What an operation has changed.

    + hosts: on how many hosts
    + is_partial: whether it has failed after a part of its changes
    + fields: what became another one, as it was planned
    + remarks: what else the plan said of the change
    + more: how many more fields there are
    """

    operation: str
    hosts: int
    is_partial: bool
    fields: Sequence[Field]
    remarks: Sequence[str]
    more: int


def changes(run: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what was changed, and then what was changed in part."""
    done = {(r["operation"], r["host"]): r["outcome"] for r in run["results"]}
    planned: dict[str, list[Mapping[str, Any]]] = {}
    for step in run["plan"]:
        for entry in step["entries"]:
            if done.get((step["operation"], entry["host"])) in DID_CHANGE:
                planned.setdefault(step["operation"], []).append(entry)
    verdict = run["verdict"]
    for is_partial in (False, True):
        for one in verdict["changed_in_part" if is_partial else "changed"]:
            entries = planned.get(one["operation"], [])
            fields = [field for entry in entries for field in _fields(entry)]
            remarks = [remark for entry in entries for remark in entry["remarks"]]
            yield Change(
                operation=one["operation"],
                hosts=one["hosts"],
                is_partial=is_partial,
                fields=fields[:MOST_ROWS],
                remarks=list(dict.fromkeys(remarks))[:MOST_ROWS],
                more=max(len(fields) - MOST_ROWS, 0),
            )


def _fields(entry: Mapping[str, Any]) -> Iterator[Field]:
    for field in entry["fields"]:
        values = (
            value_of(field[name]) if name in field else Value("absent") for name in ("old", "new")
        )
        yield Field(entry["host"], field["name"], *values)


def value_of(value: Any) -> Value:
    """Return a JSON value as it is shown."""
    if value in ("", [], {}):
        return Value("empty")
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return Value("list", [str(item) for item in value])
    if isinstance(value, str):
        return Value("text", [value])
    return Value("code", [cut(json.dumps(value, ensure_ascii=False), LONGEST)])
