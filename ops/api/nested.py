"""Values inside of a JSON document that is itself a text: in a ConfigMap, in a file.

The text keeps its layout: only the values that differ are written anew.
"""

import json
from collections.abc import Mapping
from typing import Any

from ops.api.difference import difference
from ops.api.secret import conceal
from ops.api.unchangeable import Unchangeable

_DECODER = json.JSONDecoder()


def load(text: str, where: str) -> Any:
    """Return the document of a JSON text; raise Unchangeable in words, without its values.

    + where: what to call the text in the message
    """
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        line = getattr(error, "lineno", "?")
        raise Unchangeable(f"{where} is no JSON: line {line}") from None
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


def pick(document: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a document has at the places of the wanted ones."""
    known = document if isinstance(document, Mapping) else {}
    return {
        key: pick(known.get(key), value) if isinstance(value, Mapping) else known.get(key)
        for key, value in wanted.items()
    }


def changes(text: str, wanted: Mapping[str, Any], where: str) -> list[str]:
    """Return the difference between the nested values of a text and the wanted ones.

    Passwords show as fingerprints.
    """
    return difference(conceal(pick(load(text, where), wanted)), conceal(wanted), where)


def with_values(text: str, wanted: Mapping[str, Any], where: str) -> str:
    """Return the text with the wanted values.

    + text: a JSON document
    + wanted: nested values; what is not named stays
    + where: what to call the text in a message

    A section or value that is missing is inserted; everything else stays to the last character.
    """
    document = load(text, where)
    target = _merged(document, wanted)
    if target == document:
        return text
    new = _replaced(text, _skip(text, 0), wanted)
    if load(new, where) != target:
        raise Unchangeable(f"{where} has a form that cannot be changed")
    return new


def _merged(document: Any, wanted: Mapping[str, Any]) -> Any:
    result = dict(document)
    for key, value in wanted.items():
        known = result.get(key)
        is_nested = isinstance(value, Mapping) and isinstance(known, Mapping)
        result[key] = _merged(known, value) if is_nested else value
    return result


def _replaced(text: str, start: int, wanted: Mapping[str, Any]) -> str:
    """Return a JSON text with values replaced, and missing ones inserted, in one object.

    + start: where the object begins
    """
    space = text[start + 1 : _skip(text, start + 1)]
    before = None
    for key, value in wanted.items():
        spans = _spans(text, start)
        new = json.dumps(value, ensure_ascii=False)
        if key not in spans:
            member = f"{json.dumps(key, ensure_ascii=False)}: {new}"
            if before is None:
                begin, member = start + 1, f"{space}{member}{',' if spans else ''}"
            else:
                begin, member = spans[before][1], f",{space or ' '}{member}"
            text = text[:begin] + member + text[begin:]
        elif isinstance(value, Mapping) and text[spans[key][0]] == "{":
            text = _replaced(text, spans[key][0], value)
        else:
            text = text[: spans[key][0]] + new + text[spans[key][1] :]
        before = key
    return text


def _spans(text: str, start: int) -> dict[str, tuple[int, int]]:
    """Return where the values of an object begin and end in a JSON text."""
    spans = {}
    position = _skip(text, start + 1)
    while text[position] != "}":
        name, position = _DECODER.raw_decode(text, position)
        begin = _skip(text, _skip(text, position) + 1)  # behind the colon
        _, end = _DECODER.raw_decode(text, begin)
        spans[name] = begin, end
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return spans


def _skip(text: str, position: int) -> int:
    """Return the position of the next character that is no white space."""
    while text[position] in " \t\r\n":
        position += 1
    return position
