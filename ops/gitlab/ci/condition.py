"""The conditions of CI rules (`rules:if`), decided where only some of the variables are known.

https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions
"""

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<operator>==|!=|=~|!~|&&|\|\||\(|\))|\$(?P<variable>\w+)|"(?P<double>[^"]*)"
    |'(?P<single>[^']*)'|(?P<null>null\b)|/(?P<pattern>(?:\\.|[^/\\])+)/(?P<flags>[ismU]*))""",
    re.VERBOSE,
)
# What RE2, which GitLab uses, and Python may take for different patterns, or only one of them.
_DISPUTED = re.compile(r"\(\?|\\[^\Wdwsb]|\[\[|--|&&|~~|\|\||[*+?}]\+")

UNKNOWN = object()


class _Malformed(ValueError):
    """The condition is no expression, as far as it is understood here."""


def holds(condition: Any, variables: Mapping[str, str | None]) -> bool | None:
    """Return whether a condition is true, or None where that cannot be decided.

    + condition: text of an `if`
    + variables: the ones that are known; None is one that is not set, and any other may be anything
    """
    try:
        return _Expression(str(condition), variables).result()
    except _Malformed:
        return None


class _Expression:
    def __init__(self, text: str, variables: Mapping[str, str | None]) -> None:
        self.variables = variables
        self.tokens: list[re.Match[str]] = []
        text, place = text.strip(), 0
        while place < len(text):
            token = _TOKEN.match(text, place)
            if token is None:
                raise _Malformed(text)
            self.tokens.append(token)
            place = token.end()

    def result(self) -> bool | None:
        value = self._either()
        if self.tokens:
            raise _Malformed("there is more than one expression")
        return value

    def _either(self) -> bool | None:
        sides = [self._both()]
        while self._takes("||"):
            sides.append(self._both())
        if True in sides:
            return True
        return None if None in sides else False

    def _both(self) -> bool | None:
        sides = [self._comparison()]
        while self._takes("&&"):
            sides.append(self._comparison())
        if False in sides:
            return False
        return None if None in sides else True

    def _comparison(self) -> bool | None:
        if self._takes("("):
            inside = self._either()
            if not self._takes(")"):
                raise _Malformed("a parenthesis is not closed")
            return inside
        left = self._value()
        for operator in ("==", "!="):
            if self._takes(operator):
                sides = left, self._value()
                if not all(isinstance(side, str | None) for side in sides):
                    return None
                return (sides[0] == sides[1]) is (operator == "==")
        for operator in ("=~", "!~"):
            if self._takes(operator):
                found = _is_found(self._value(), left)
                return None if found is None else found is (operator == "=~")
        return None if left is UNKNOWN else bool(left)

    def _takes(self, operator: str) -> bool:
        if not self.tokens or self.tokens[0]["operator"] != operator:
            return False
        del self.tokens[0]
        return True

    def _value(self) -> Any:
        if not self.tokens or self.tokens[0]["operator"]:
            raise _Malformed("a value is missing")
        token = self.tokens.pop(0)
        if token["variable"]:
            return self.variables.get(token["variable"], UNKNOWN)
        if token["pattern"]:
            return _pattern(token["pattern"], token["flags"])
        if token["null"]:
            return None
        text = token["double"] or token["single"] or ""
        return UNKNOWN if "$" in text else text


def _pattern(text: str, flags: str) -> Any:
    plain = text.replace("\\/", "/")
    if _DISPUTED.search(plain):
        return UNKNOWN
    try:
        return re.compile(plain, re.ASCII | (re.IGNORECASE if "i" in flags else 0))
    except re.error:
        return UNKNOWN


def _is_found(pattern: Any, text: Any) -> bool | None:
    if not isinstance(pattern, re.Pattern) or not isinstance(text, str | None):
        return None
    return pattern.search(text or "") is not None  # GitLab searches "" where nothing is set, too.
