"""Values inside of a JSON document that is itself a text: in a ConfigMap, in a file.

The text keeps its layout: only the values that differ are written anew.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from ops.api.difference import difference
from ops.api.secret import conceal


class Unchangeable(Exception):
    """The text has another form than is understood; the message says which."""


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

    Where each value stands alone on its line, as in files written by people, only those lines
    change. Otherwise the document is written anew, with its indent and the order of its keys.
    """
    document = load(text, where)
    target = _merged(document, wanted)
    if target == document:
        return text
    by_lines = _by_lines(text, wanted)
    try:
        if load(by_lines, where) == target:
            return by_lines
    except Unchangeable:
        pass  # A value has another form than a text or a number on one line.
    end = "\n" if text.endswith("\n") else ""
    return json.dumps(target, indent=_indent(text), ensure_ascii=False) + end


def _merged(document: Any, wanted: Mapping[str, Any]) -> Any:
    result = dict(document)
    for key, value in wanted.items():
        known = result.get(key)
        is_nested = isinstance(value, Mapping) and isinstance(known, Mapping)
        result[key] = _merged(known, value) if is_nested else value
    return result


def _by_lines(text: str, wanted: Mapping[str, Any]) -> str:
    """Return the text with values replaced, and missing ones inserted, each on its line."""
    for section, values in wanted.items():
        head = re.search(rf"^\s*{re.escape(json.dumps(section))}\s*:\s*\{{", text, re.MULTILINE)
        if not isinstance(values, Mapping) or head is None:
            return text
        # The section ends with the first brace that closes; a deeper one makes the check fail.
        end = text.find("}", head.end())
        body = _with_members(text[head.end() : end], values)
        text = text[: head.end()] + body + text[end:]
    return text


def _with_members(body: str, values: Mapping[str, Any]) -> str:
    space = body[: len(body) - len(body.lstrip())]
    after = 0  # where the last member ends, without its comma
    for key, value in values.items():
        name, new = json.dumps(key), json.dumps(value, ensure_ascii=False)
        member = re.search(rf"{re.escape(name)}\s*:\s*(\"(?:[^\"\\]|\\.)*\"|[^,\s}}]+)", body)
        if member is not None:
            body = body[: member.start(1)] + new + body[member.end(1) :]
            after = member.start(1) + len(new)
            continue
        before = f",{space or ' '}" if after else space
        behind = "," if body.strip() and not after else ""
        line = f"{before}{name}: {new}"
        body = body[:after] + line + behind + body[after:]
        after += len(line)
    return body


def _indent(text: str) -> str | None:
    match = re.search(r"\n([ \t]+)\S", text)
    return match[1] if match else None
