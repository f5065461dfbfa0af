"""Differences between two states of a resource, a line for each field."""

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pyinfra.api.hiddenvalue import HiddenValue

from ops.api import json_text
from ops.api.line import ABSENT, Field, Line
from ops.api.secret import conceal

LONGEST_VALUE = 200


def difference(before: Any, after: Any, path: str = "") -> list[Line]:
    """Compare two JSON-like values and return a line for each field that differs.

    + before: the live value; sets compare as sets, whatever their order was
    + after: the wanted value
    + path: name of the field that is compared, for nested values

    A line reads `spec.suspend: false -> true`; text of several lines becomes a unified difference.
    """
    return list(_lines(before, after, path))


def json_differences(text: str, wanted: json_text.Values, where: str) -> list[Line]:
    """Return a line for each value in a JSON text that is another one, passwords as fingerprints.

    + text: a JSON document
    + wanted: a value for each JSONPath
    + where: what to call the text

    Raises Unchangeable where a path does not lead to exactly one value.
    """
    lines: list[Line] = []
    for path, node in json_text.found(text, wanted, where).items():
        if not json_text.same(node.value, wanted[path]):
            name = str(node.location[-1])
            before, after = (conceal({name: value})[name] for value in (node.value, wanted[path]))
            lines += difference(before, after, f"{where}: {path.removeprefix('$.')}")
    return lines


def merged(document: Any, patch: Any) -> Any:
    """Return the document with a JSON merge patch applied (RFC 7386): null removes a key."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(document) if isinstance(document, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def contains(document: Any, part: Any) -> bool:
    """Return whether a document has every field of a part; lists compare in any order."""
    if isinstance(part, Mapping):
        return isinstance(document, Mapping) and all(
            document.get(key) is None if value is None else contains(document.get(key), value)
            for key, value in part.items()
            if key != "resourceVersion"
        )
    if isinstance(part, list) and isinstance(document, list):
        return sorted(map(_sortable, document)) == sorted(map(_sortable, part))
    return bool(document == part)


def _sortable(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _lines(before: Any, after: Any, path: str) -> Iterator[Line]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            name = f"{path}.{key}" if path else str(key)
            yield from _lines(before.get(key, ABSENT), after.get(key, ABSENT), name)
        return
    (first, *more), field = _of_field(Field(path, before, after))
    yield Line.of(first, field)
    yield from map(Line.of, more)


def _of_field(field: Field) -> tuple[list[str], Field]:
    """Return the lines of a field, and the field with what these lines show of it."""
    name, before, after = field.name, field.old, field.new
    if isinstance(before, list) and isinstance(after, list) and before and after:
        found = [f"- {show(item)}" for item in before if item not in after]
        found += [f"+ {show(item)}" for item in after if item not in before]
        return [f"{name}: {line}" for line in found or ["another order"]], field
    if _is_text(before) and _is_text(after):
        old, new = before.splitlines(), after.splitlines()
        # The first two lines of a unified difference name files; here there are none.
        lines = list(difflib.unified_diff(old, new, n=1, lineterm=""))[2:]
        # The rest of a text may hold anything, and is not shown.
        sides = ("\n".join(x[1:] for x in lines if x[:1] in (side, " ")) for side in "-+")
        return [f"{name}:", *lines], Field(name, *sides)
    return [f"{name}: {show(before)} -> {show(after)}"], field


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value


def show(value: Any) -> str:
    """Return a value on one line: sets as {a, b}, secrets as fingerprints, long values cut."""
    if value is ABSENT:
        return "(absent)"
    if isinstance(value, HiddenValue):
        return str(value)
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(str, value))) + "}"
    text = json.dumps(value, default=str, ensure_ascii=False)
    return (
        text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}… ({len(text)} characters)"
    )
