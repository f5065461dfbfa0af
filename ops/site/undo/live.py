"""Whether what a run has left is still there, and what it was before: documents are given. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import UNSET

from ops.api import json_text
from ops.api.difference import show
from ops.api.line import ABSENT
from ops.api.reverse import Text
from ops.api.secret import reveal
from ops.site.undo.net import Net

Side = Literal["before", "after"]


def found(document: Mapping[str, Any], net: Net) -> Any:
    """Return the value that is there now, or UNSET; raise Unchangeable where it has no such place.

    + document: of the thing
    + net: which value
    """
    now: Any = document
    for name in net.path:
        if not isinstance(now, Mapping) or name not in now:
            return UNSET
        now = now[name]
    if net.json_path is None:
        return now
    where = ".".join(net.path)
    wanted = {net.json_path: net.before}
    return json_text.found(str(reveal(now)), wanted, where)[net.json_path].value


def is_back(net: Net, now: Any) -> bool:
    """Return whether a value is what it was before the run."""
    if net.texts:
        return isinstance(now, str) and _has(net.texts[0], "before", now)
    return _same(now, net.before)


def was(net: Net, now: Any) -> Any:
    """Return what a value was before the run, given what the run has left.

    + net: which value
    + now: what is there

    Raises ValueError, in words that say what is different, where that is something else.
    """
    if not net.texts:
        if not any(_same(now, one.value) for one in net.left):
            left = " or ".join(show(_shown(one.value)) for one in net.left)
            raise ValueError(f"{net.name}: then {left}, now {show(_shown(now))}")
        return net.before
    if not isinstance(now, str):
        raise ValueError(f"{net.name}: then a text, now {show(_shown(now))}")
    for text in reversed(net.texts):
        if not _has(text, "after", now):
            raise ValueError(f"{net.name}: {_first_other(text, now)}")
        now = _with(text, now)
    return now


def _same(one: Any, other: Any) -> bool:
    if one is UNSET or other is UNSET:
        return one is other
    return json_text.same(one, other)


def _shown(value: Any) -> Any:
    return ABSENT if value is UNSET else value


def _has(text: Text, side: Side, now: str) -> bool:
    lines = now.splitlines(keepends=True)
    count = text.before_lines if side == "before" else text.after_lines
    return len(lines) == count and all(
        lines[at : at + len(part)] == part for at, part in _parts(text, side)
    )


def _parts(text: Text, side: Side) -> Iterator[tuple[int, Sequence[str]]]:
    for part in text.parts:
        is_before = side == "before"
        yield (part.before_at, part.before) if is_before else (part.after_at, part.after)


def _first_other(text: Text, now: str) -> str:
    lines = now.splitlines(keepends=True)
    for at, part in _parts(text, "after"):
        for number, line in enumerate(part, at):
            there = lines[number] if number < len(lines) else "(no line)"
            if there != line:
                return f"line {number + 1}: then {_quoted(line)}, now {_quoted(there)}"
    return f"then {text.after_lines} lines, now {len(lines)}"


def _quoted(line: str) -> str:
    return json.dumps(line.rstrip("\n"), ensure_ascii=False)


def _with(text: Text, now: str) -> str:
    lines = now.splitlines(keepends=True)
    for part in reversed(text.parts):
        lines[part.after_at : part.after_at + len(part.after)] = part.before
    return "".join(lines)


def merge_patch(values: Sequence[tuple[Net, Any]]) -> dict[str, Any]:
    """Return the merge patch that sets values; what was not there is removed.

    + values: each with what it is to be
    """
    patch: dict[str, Any] = {}
    for net, value in values:
        place = patch
        for name in net.path[:-1]:
            place = place.setdefault(name, {})
        place[net.path[-1]] = None if value is UNSET else value
    return patch
