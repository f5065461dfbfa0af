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
        return json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", "?")
        raise Unchangeable(f"{where} is no JSON: line {line}") from None


def pick(document: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a document has at the places of the wanted ones."""
    return {
        key: pick(document.get(key) or {}, value)
        if isinstance(value, Mapping)
        else document.get(key)
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
    by_lines = _by_lines(text, document, wanted)
    if json.loads(by_lines) == target:
        return by_lines
    end = "\n" if text.endswith("\n") else ""
    return json.dumps(target, indent=_indent(text), ensure_ascii=False) + end


def _merged(document: Any, wanted: Mapping[str, Any]) -> Any:
    result = dict(document)
    for key, value in wanted.items():
        known = result.get(key)
        is_nested = isinstance(value, Mapping) and isinstance(known, Mapping)
        result[key] = _merged(known, value) if is_nested else value
    return result


def _by_lines(text: str, document: Any, wanted: Mapping[str, Any]) -> str:
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
    after = 0
    for key, value in values.items():
        name, new = json.dumps(key), json.dumps(value, ensure_ascii=False)
        member = re.search(rf"{re.escape(name)}\s*:\s*(\"(?:[^\"\\]|\\.)*\"|[^,\s}}]+),?", body)
        if member is not None:
            body = body[: member.start(1)] + new + body[member.end(1) :]
            after = member.end() + len(new) - len(member[1])
            continue
        space = re.match(r"\s*", body)
        line = f"{space[0] if space else ''}{name}: {new},"
        body = body[:after] + line + body[after:]
        after += len(line)
    return body


def _indent(text: str) -> int | None:
    match = re.search(r"\n( +)\S", text)
    return len(match[1]) if match else None
