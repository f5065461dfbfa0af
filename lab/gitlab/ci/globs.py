"""Ruby's File.fnmatch with the flags that GitLab uses: PATHNAME, DOTMATCH and EXTGLOB.

As Ruby does it: the braces become texts, and each of them is a pattern of its own.
https://docs.ruby-lang.org/en/master/File.html#method-c-fnmatch
"""

import functools
import re
from collections.abc import Iterator

# Ruby would go on with more for minutes or years; the lab says that it does not.
MOST_TEXTS = 10_000


class TooMany(ValueError):
    """A glob whose braces stand for more texts than the lab looks at."""


def matches(glob: str, path: str) -> bool:
    """Return whether a path matches; raise TooMany.

    `**/` goes through directories; `**` before anything else, or at the end, is `*`: `k8s/**`
    is what is in k8s itself and not what is below its directories.
    """
    return any(pattern.fullmatch(path) for pattern in compiled(glob))


@functools.lru_cache(maxsize=256)
def compiled(glob: str) -> tuple[re.Pattern[str], ...]:
    """Return a pattern for each text that the braces of a glob stand for; raise TooMany."""
    found = []
    for number, text in enumerate(texts(glob)):
        if number >= MOST_TEXTS:
            raise TooMany(glob)
        pattern = _translated(text)
        if pattern is not None:
            found.append(re.compile(pattern, re.DOTALL))
    return tuple(found)


def texts(glob: str) -> Iterator[str]:
    """Return the texts that the braces stand for: none where one of those is not closed."""
    waiting = [glob]
    while waiting:
        text = waiting.pop()
        pair = _braces(text)
        if pair is None:
            yield text
        elif pair[1] >= 0:
            first, last = pair
            waiting += [
                text[:first] + part + text[last + 1 :] for part in _parts(text[first + 1 : last])
            ]
        if len(waiting) > MOST_TEXTS:
            raise TooMany(glob)


def _braces(text: str) -> tuple[int, int] | None:
    """Return where the first braces begin and end; -1 where they do not end."""
    first, depth = -1, 0
    for mark in re.finditer(r"\\.|[{}]", text, re.DOTALL):
        if mark[0] == "{":
            first = mark.start() if first < 0 else first
            depth += 1
        elif mark[0] == "}" and first >= 0:
            depth -= 1
            if not depth:
                return first, mark.start()
    return None if first < 0 else (first, -1)


def _parts(inside: str) -> list[str]:
    parts, depth, begin = [], 0, 0
    for mark in re.finditer(r"\\.|[{},]", inside, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if mark[0] == "," and not depth:
            parts.append(inside[begin : mark.start()])
            begin = mark.end()
    return [*parts, inside[begin:]]


def _translated(text: str) -> str | None:
    """Return the regular expression of a text without braces; None where nothing matches it."""
    result, place, at_name = "", 0, True
    while place < len(text):
        if at_name and (through := re.match(r"(?:\*\*/)+", text[place:])):
            result += "(?:.*/)?"
            place += through.end()
            continue
        character = text[place]
        place += 1
        at_name = False
        if character == "*":
            # One star of several is enough, and does not take time without end.
            result += "" if result.endswith("[^/]*") else "[^/]*"
        elif character == "?":
            result += "[^/]"
        elif character == "[":
            bracket = _bracket(text, place)
            if bracket is None:
                return None
            result += bracket[0]
            place = bracket[1]
        else:
            if character == "\\":
                character = text[place : place + 1]
                place += 1
            result += re.escape(character)
            at_name = character == "/"
    return result


def _bracket(text: str, place: int) -> tuple[str, int] | None:
    """Return the expression of brackets and where they end; None where they do not."""
    is_not = text[place : place + 1] in ("!", "^")
    place += is_not
    items = ""
    while text[place : place + 1] != "]":
        low, place = _character(text, place)
        high = low
        if text[place : place + 1] == "-" and text[place + 1 : place + 2] != "]":
            high, place = _character(text, place + 1)
        if not low or not high:
            return None
        low, high = re.escape(low), re.escape(high)
        items += low + high if _is_backwards(low, high) else f"{low}-{high}"
    if not items:
        return ("[^/]" if is_not else "(?!)"), place + 1
    return f"(?!/)[{'^' if is_not else ''}{items}]", place + 1


def _is_backwards(low: str, high: str) -> bool:
    return low[-1] > high[-1]


def _character(text: str, place: int) -> tuple[str, int]:
    """Return a character, which may be escaped, and the place after it; "" at the end."""
    place += text[place : place + 1] == "\\"
    return text[place : place + 1], place + 1
