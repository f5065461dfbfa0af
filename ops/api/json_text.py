"""Values inside of a JSON text, in a ConfigMap or a file, each addressed by JSONPath (RFC 9535).

What is changed must be there, exactly once. Nothing is inserted, and the rest of the text stays to
the last character.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonpath_rfc9535 import JSONPathError, JSONPathNode, JSONPathQuery, compile

from ops.api.secret_names import is_secret_name
from ops.api.unchangeable import Unchangeable

# JSONPath -> value
Values = Mapping[str, Any]
Place = tuple[str | int, ...]
_DECODER = json.JSONDecoder()
_OF_FILTER = re.compile(r"@(?:\.(\w+)|\['(\w+)'\])")
_MOST_NAMES = 12


@dataclass(frozen=True)
class Replacement:
    """A part of a text, and what stands there then."""

    start: int
    end: int
    text: str


def check_paths(values: Values) -> None:
    """Raise ValueError in words where a name is no JSONPath."""
    for path in values:
        try:
            compile(path)
        except JSONPathError as error:
            raise ValueError(f"{path!r} is no JSONPath (RFC 9535): {error}") from None


def values(text: str, path: str, where: str) -> list[Any]:
    """Return all values of a JSON text to which a JSONPath leads; raise Unchangeable.

    + where: what to call the text in the message
    """
    return compile(path).find(load(text, where)).values()


def load(text: str, where: str) -> Any:
    """Return the document of a JSON text; raise Unchangeable in words, without its values.

    + where: what to call the text in the message
    """
    if text.startswith("\ufeff"):
        raise Unchangeable(f"{where} is no JSON: it begins with a byte order mark (BOM)")
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        line = getattr(error, "lineno", None)
        if line is None:  # Python's limit for a number (`sys.get_int_max_str_digits`).
            raise Unchangeable(f"{where} has a number of too many digits") from None
        raise Unchangeable(f"{where} is no JSON: line {line}") from None
    except RecursionError:
        raise Unchangeable(f"{where} is no JSON that can be read: it is too deep") from None
    except Unchangeable as error:
        raise Unchangeable(f"{where} {error}") from None
    if not isinstance(document, dict):
        raise Unchangeable(f"{where} is no JSON object")
    return document


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in members]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Unchangeable(f"has {twice} twice in one object")
    return dict(members)


def found(text: str, wanted: Values, where: str) -> dict[str, JSONPathNode]:
    """Return the value at each path, and its location.

    + text: a JSON document
    + wanted: a value for each JSONPath
    + where: what to call the text

    Raises Unchangeable where a path leads to nothing, to several values, or to another kind.
    """
    document, nodes = load(text, where), {}
    for path, value in wanted.items():
        nodes[path] = node = _one(document, path, where)
        if not node.location or _kind(node.value) != _kind(value):
            text = f"{where}: {path} is {_kind(node.value)}, and {_kind(value)} is wanted there"
            raise Unchangeable(text)
    return nodes


def replacements(text: str, wanted: Values, where: str) -> list[Replacement]:
    """Return what has to be replaced in a text so that it has the wanted values, in its order.

    + text, wanted, where: as in `found`
    """
    spans: dict[Place, Replacement] = {}
    for path, node in found(text, wanted, where).items():
        if same(node.value, wanted[path]):
            continue
        start, end = _span(text, node.location)
        new = json.dumps(wanted[path], ensure_ascii=False)
        if any(start < other.end and other.start < end for other in spans.values()):
            raise Unchangeable(f"{where}: {path} is a place that another path names as well")
        spans[node.location] = Replacement(start, end, new)
    return sorted(spans.values(), key=lambda one: one.start)


def replaced(text: str, parts: Sequence[Replacement]) -> str:
    """Return a text with some of its parts replaced, which come in their order."""
    for part in reversed(parts):
        text = text[: part.start] + part.text + text[part.end :]
    return text


def with_values(text: str, wanted: Values, where: str) -> str:
    """Return the text with the wanted values; everything else stays to the last character.

    + text, wanted, where: as in `found`
    """
    return replaced(text, replacements(text, wanted, where))


def _one(document: Any, path: str, where: str) -> JSONPathNode:
    query = compile(path)
    nodes = query.find(document)
    if len(nodes) == 1:
        return nodes[0]
    if nodes:
        text = f"{where} has {path} {len(nodes)} times, and it must be there once"
        raise Unchangeable(f"{text}: {_listed(nodes.paths())}")
    raise Unchangeable(f"{where} has no {path}: {_seen(document, query)}")


def _seen(document: Any, query: JSONPathQuery) -> str:
    """Return what is there instead, as far as the path leads to something: names, and no values."""
    for number in range(len(query.segments) - 1, -1, -1):
        part = JSONPathQuery(env=query.env, segments=query.segments[:number])
        nodes = part.find(document)
        if nodes:
            return f"{part} is {_describe(nodes[0].value, str(query.segments[number]))}"
    return "nothing of it is there"


def _describe(value: Any, wanted: str) -> str:
    if isinstance(value, dict):
        return f"an object with {_listed(list(value))}"
    if not isinstance(value, list):
        return _kind(value)
    text = f"a list of {len(value)}"
    for name in dict.fromkeys(a or b for a, b in _OF_FILTER.findall(wanted)):
        items = [item[name] for item in value if isinstance(item, dict) and name in item]
        if items and not is_secret_name(name):
            text += f", where {name} is {_listed([json.dumps(item) for item in items])}"
    return text


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more or "nothing in it"


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else "a single value"


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same in JSON."""
    # True is 1 in Python, and not in JSON.
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def _span(text: str, place: Place) -> tuple[int, int]:
    """Return where the value at a place begins and ends in a JSON text."""
    start = _skip(text, 0)
    for part in place:
        start = next(begin for name, begin in _members(text, start) if name == part)
    return start, _DECODER.raw_decode(text, start)[1]


def _members(text: str, start: int) -> Iterator[tuple[str | int, int]]:
    """Yield the name or number of each member of an object or list, and where its value begins."""
    is_object, number = text[start] == "{", 0
    position = _skip(text, start + 1)
    while text[position] not in "}]":
        name: str | int = number
        if is_object:
            name, position = _DECODER.raw_decode(text, position)
            position = _skip(text, _skip(text, position) + 1)  # Behind the colon.
        yield name, position
        position, number = _skip(text, _DECODER.raw_decode(text, position)[1]), number + 1
        if text[position] == ",":
            position = _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    """Return the position of the next character that is no white space."""
    while text[position] in " \t\r\n":
        position += 1
    return position
