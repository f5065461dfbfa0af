"""Label selectors as the API server reads them.

https://github.com/kubernetes/apimachinery/blob/master/pkg/labels/selector.go
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from lab.kubernetes.status import bad_request

TOKEN = re.compile(r"\s*(==|!=|=|!|,|\(|\)|<|>|[^\s=!,()<>]+|$)")
KEY = re.compile(r"([a-z0-9.-]+/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
SPECIAL = ("=", "==", "!=", "!", ",", "(", ")", "<", ">", "")
OPERATORS = "in, notin, =, ==, !=, gt, lt"
NAME_PART = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end"
    " with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
    " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)


class Requirement(NamedTuple):
    """What a label has to be: `operator` is one of `in`, `notin`, `exists`, `!`, `<` and `>`."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def takes(self, labels: dict[str, str]) -> bool:
        """Return whether an object's labels are so."""
        value = labels.get(self.key)
        if self.operator in ("exists", "!"):
            return (value is None) == (self.operator == "!")
        if self.operator in ("<", ">"):
            if value is None or not re.fullmatch(r"-?\d+", value):
                return False
            wanted = int(self.values[0])
            return int(value) < wanted if self.operator == "<" else int(value) > wanted
        return (value in self.values) == (self.operator == "in")


def parse(text: str) -> list[Requirement]:
    """Return the requirements of a selector; refuse in the server's words what is none."""
    return _Parser(_tokens(text)).requirements()


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    while match := TOKEN.match(text, position):
        found.append(match[1])
        position = match.end()
        if not match[1]:
            break
    return found


class _Parser:
    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = list(tokens)

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while self.tokens[0] != "":
            if self.tokens[0] != "!" and self.tokens[0] in SPECIAL:
                text = "expected: !, identifier, or 'end of string'"
                raise bad_request(f"found '{self.tokens[0]}', {text}")
            found.append(self._requirement())
            following = self._next()
            if following == "":
                break
            if following != ",":
                raise bad_request(f"found '{following}', expected: ',' or 'end of string'")
            if self.tokens[0] != "!" and self.tokens[0] in SPECIAL:
                text = "expected: identifier after ','"
                raise bad_request(f"found '{self.tokens[0]}', {text}")
        return found

    def _next(self) -> str:
        return self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]

    def _requirement(self) -> Requirement:
        negated = self.tokens[0] == "!"
        if negated:
            self._next()
        key = self._next()
        if key in SPECIAL:
            raise _unreadable(f"found '{key}', expected: identifier")
        if not KEY.fullmatch(key):
            raise _unreadable(f'<nil>: Invalid value: "{key}": {NAME_PART}')
        if negated:
            return Requirement(key, "!")
        if self.tokens[0] in ("", ","):
            return Requirement(key, "exists")
        operator = self._next()
        if operator in ("in", "notin"):
            return Requirement(key, operator, self._values())
        if operator not in ("=", "==", "!=", "<", ">"):
            raise _unreadable(f"found '{operator}', expected: {OPERATORS}")
        value = "" if self.tokens[0] in ("", ",") else self._next()
        if value in SPECIAL and value:
            raise _unreadable(f"found '{value}', expected: identifier")
        if operator in ("<", ">"):
            if not re.fullmatch(r"-?\d+", value):
                text = "for 'Gt', 'Lt' operators, the value must be an integer"
                raise _unreadable(f'values[0]: Invalid value: "{value}": {text}')
            return Requirement(key, operator, (value,))
        return Requirement(key, "notin" if operator == "!=" else "in", (value,))

    def _values(self) -> tuple[str, ...]:
        opening = self._next()
        if opening != "(":
            raise _unreadable(f"found '{opening}' expected: '('")
        values: list[str] = []
        token = self._next()
        while token != ")":
            if token not in SPECIAL:
                values.append(token)
            if token not in SPECIAL and self.tokens[0] in (",", ")"):
                token = self._next()
                if token == ",":
                    token = self._next()
            elif token == ",":
                values.append("")
                token = self._next()
            else:
                found = self.tokens[0] if token not in SPECIAL else token
                raise _unreadable(f"found '{found}', expected: ',' or ')'")
        return tuple(values) or ("",)


def _unreadable(text: str) -> Exception:
    return bad_request(f"unable to parse requirement: {text}")
