"""What takes a change back: each value as it was and as it is left, for the record of the run.

Pure. A secret is in none: a value that is or holds one is only said to be there.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET
from pyinfra.api.hiddenvalue import HiddenValue

from ops.api.line import ABSENT
from ops.api.secret_names import is_secret_name
from ops.api.shown import holds_secret


class Lines(msgspec.Struct, frozen=True):
    """Lines of a text that became other ones, with one around them that did not.

    + before_at, after_at: the number of the first one, from 0
    + before, after: the lines, with their ends
    """

    before_at: int
    after_at: int
    before: list[str]
    after: list[str]


class Text(msgspec.Struct, frozen=True):
    """A text of several lines that became another one: what stays may hold anything.

    + before_lines, after_lines: how many it had and has
    + parts: what is different
    """

    before_lines: int
    after_lines: int
    parts: list[Lines]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value that became another one.

    + path: where it stands, name by name
    + json_path: where it stands in the JSON text that is there
    + before, after: UNSET where there was none, or where none is left
    + text: in their place, of a text of several lines
    + is_secret: whether it is or holds a secret, so that neither is kept
    """

    path: list[str]
    json_path: str | None = None
    before: Any = UNSET
    after: Any = UNSET
    text: Text | None = None
    is_secret: bool = False


class Reverse(msgspec.Struct, frozen=True, kw_only=True):
    """How a request is taken back, or why it cannot be.

    + host: whose state it changes; empty: of the host to which it is sent
    + variable: key and environment scope of the CI/CD variable that it changes
    + uid: of the object, which a later one of the same name has not
    + makes: whether it makes the object, which is deleted again
    + values: what it changes
    + never: why it cannot be taken back, and what to do by hand; empty where it can
    """

    host: str = ""
    variable: tuple[str, str] | None = None
    uid: str | None = None
    makes: bool = False
    values: list[Value] = []
    never: str = ""


def value(path: list[str], before: Any, after: Any, json_path: str | None = None) -> Value:
    """Return a value with what may be kept of it.

    + path, before, after, json_path: as of `Value`; ABSENT and sets are taken as well
    """
    before, after = _plain(before), _plain(after)
    if _is_secret(path, before) or _is_secret(path, after):
        return Value(path=path, json_path=json_path, is_secret=True)
    if _is_text(before) and _is_text(after):
        return Value(path=path, json_path=json_path, text=_text(before, after))
    return Value(path=path, json_path=json_path, before=before, after=after)


def values(before: Any, after: Any, *path: str) -> list[Value]:
    """Return each value that is another one in two documents; lists count as one.

    + path: where the documents stand
    """
    return list(_values(before, after, list(path)))


def _values(before: Any, after: Any, path: list[str]) -> Iterator[Value]:
    if before == after:
        return
    sides = [{} if side is ABSENT else side for side in (before, after)]
    if all(isinstance(side, Mapping) for side in sides) and sides != [{}, {}]:
        # Also of what is new or gone as a whole: what changes later is a part of it.
        for key in dict.fromkeys(name for side in sides for name in side):
            old, new = (side.get(key, ABSENT) for side in sides)
            yield from _values(old, new, [*path, str(key)])
        return
    yield value(path, before, after)


def _plain(found: Any) -> Any:
    if found is ABSENT:
        return UNSET
    return sorted(found) if isinstance(found, set | frozenset) else found


def _is_secret(path: list[str], found: Any) -> bool:
    if isinstance(found, HiddenValue):
        return True
    if isinstance(found, Mapping):
        return any(_is_secret([*path, str(name)], item) for name, item in found.items())
    if isinstance(found, list | tuple):
        return any(_is_secret(path, item) for item in found)
    if not isinstance(found, str) or not found:
        return False
    return is_secret_name(path[-1]) or holds_secret(found)


def _is_text(found: Any) -> bool:
    return isinstance(found, str) and "\n" in found


def _text(before: str, after: str) -> Text:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(1)
    parts = []
    for group in groups:
        (_, i, _, j, _), (_, _, k, _, m) = group[0], group[-1]
        parts.append(Lines(i, j, old[i:k], new[j:m]))
    return Text(len(old), len(new), parts)
