"""The text of `rules:if`, taken apart as GitLab does it.

What GitLab's lexer and parser take is an expression, though it may look odd (`$A "x" ==`), and what
they do not take makes the whole configuration invalid.
https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions,
lib/gitlab/ci/pipeline/expression/ in https://gitlab.com/gitlab-org/gitlab
"""

import re
from dataclasses import dataclass
from typing import Any

import re2

# The order is that of GitLab's lexemes: the first that fits is taken.
_TOKEN = re.compile(
    r"""(?P<open>\()|(?P<close>\))|\$(?P<variable>\w+)|"(?P<double>.*?)"|'(?P<single>.*?)'
    |(?P<pattern>/(?:[^/]|\\/)+[^\\]/[ismU]*)|(?P<null>null)|(?P<operator>==|=~|!=|!~|&&|\|\|)""",
    re.VERBOSE | re.ASCII,
)
_SPACE = re.compile(r"\s*", re.ASCII)
_PATTERN = re.compile(r"^/(?P<text>.*)/(?P<flags>[ismU]*)$", re.MULTILINE)
_MOST_TOKENS = 99  # GitLab gives up when it has read its hundredth one.
# Those of a lower number bind more closely.
_PRECEDENCE = {"==": 10, "=~": 10, "!=": 10, "!~": 10, "&&": 11, "||": 12, "(": 901, ")": 900}


class Malformed(ValueError):
    """The text is no expression to GitLab."""


@dataclass(frozen=True)
class Variable:
    """A variable, which stands for its value."""

    name: str


@dataclass(frozen=True)
class Operator:
    """What is done with the two values before it."""

    sign: str


class Pattern:
    """A regular expression of RE2 (https://github.com/google/re2/wiki/Syntax).

    + text: with its slashes and flags; Malformed is raised where RE2 does not take it
    """

    def __init__(self, text: str) -> None:
        found = _PATTERN.search(text.replace("\\/", "/"))
        if found is None:
            raise Malformed(f"{text} is no pattern")
        flags = f"(?{found['flags']})" if found["flags"] else ""
        self.source = flags + found["text"]
        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled = re2.compile(self.source, options)
        except (re2.error, UnicodeError) as error:
            raise Malformed(f"{text} is no pattern: {error}") from None

    def is_in(self, text: str) -> bool:
        """Return whether a text has something that the pattern fits."""
        return self._compiled.search(text) is not None


Part = Variable | Operator | Pattern | str | None


def parts(text: str) -> list[Part]:
    """Return values and operators, each operator after its two values; raise Malformed."""
    output: list[Part] = []
    waiting: list[str] = []
    for kind, word in _tokens(text):
        sign = word if kind == "operator" else {"open": "(", "close": ")"}.get(kind)
        if sign is None:
            output.append(_value(kind, word))
            continue
        # An opening parenthesis is never waiting for what stands before it.
        while sign != "(" and waiting and _PRECEDENCE[sign] >= _PRECEDENCE[waiting[-1]]:
            output.append(Operator(waiting.pop()))
        if sign != ")":
            waiting.append(sign)
        elif waiting:
            waiting.pop()
        else:
            raise Malformed("a parenthesis is closed that was not opened")
    if "(" in waiting:
        raise Malformed("a parenthesis is not closed")
    return [*output, *map(Operator, reversed(waiting))]


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = _end_of(_SPACE, text, 0)
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise Malformed(f"{text[place:]} is not understood")
        kind = str(token.lastgroup)
        found.append((kind, token[kind]))
        if len(found) > _MOST_TOKENS:
            raise Malformed(f"there are more than {_MOST_TOKENS} parts")
        place = _end_of(_SPACE, text, token.end())
    return found


def _end_of(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place


def _value(kind: str, word: str) -> Any:
    if kind == "variable":
        return Variable(word)
    if kind == "pattern":
        return Pattern(word)
    return None if kind == "null" else word
