"""The expressions of `rules:if`.

After https://docs.gitlab.com/ci/jobs/job_rules/ and lib/gitlab/ci/pipeline/expression/ of GitLab:
operators and values are put into the order in which they are worked out, whatever that gives, and
the values are those of Ruby.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import re2

LEXEMES = [
    ("open", re.compile(r"\(")),
    ("close", re.compile(r"\)")),
    ("variable", re.compile(r"\$(\w+)", re.ASCII)),
    ("string", re.compile(r"\"(.*?)\"|'(.*?)'")),
    ("pattern", re.compile(r"(/([^/]|\\/)+[^\\]/[ismU]*)")),
    ("null", re.compile("null")),
    ("operator", re.compile(r"(==|=~|!=|!~|&&|\|\|)")),
]
LEVEL = {"==": 1, "=~": 1, "!=": 1, "!~": 1, "&&": 2, "||": 3}
MOST = 100  # GitLab reads fewer tokens than this.

Values = Mapping[str, str]
Term = Callable[[Values], Any]


class Malformed(ValueError):
    """An expression that GitLab would call an invalid expression syntax."""


class Regexp:
    """A regular expression of RE2, as GitLab makes it of `/text/flags`."""

    def __init__(self, literal: str) -> None:
        parts = re.search(r"^/(.*)/([ismU]*)$", literal.replace(r"\/", "/"), re.MULTILINE)
        if not parts:
            raise Malformed(literal)
        text, flags = parts.groups()
        self.text = f"(?{flags}){text}" if flags else text
        options = re2.Options()
        options.log_errors = False
        try:
            self.program = re2.compile(self.text, options)
        except (re2.error, UnicodeError) as error:
            raise Malformed(str(error)) from None


def evaluate(expression: Any, variables: Values) -> bool:
    """Return whether an expression is true; raise Malformed."""
    if not isinstance(expression, str):
        raise Malformed("an expression is a text")
    terms: list[Term] = []
    waiting: list[str] = []
    for kind, text in _read(expression):
        if kind == "open":
            waiting.append("(")
        elif kind == "close":
            while waiting and waiting[-1] != "(":
                _apply(waiting.pop(), terms)
            if not waiting:
                raise Malformed("Unmatched parenthesis")
            waiting.pop()
        elif kind == "operator":
            while waiting and waiting[-1] != "(" and LEVEL[waiting[-1]] <= LEVEL[text]:
                _apply(waiting.pop(), terms)
            waiting.append(text)
        else:
            terms.append(_leaf(kind, text))
    while waiting:
        _apply(waiting.pop(), terms)
    if len(terms) != 1:
        raise Malformed("Unreachable nodes in parse tree" if terms else "Empty parse tree")
    return present(terms[0](variables))


def present(value: Any) -> bool:
    """Return what Ruby on Rails says of a value: false, nothing, and blank texts are not there."""
    return bool(value.strip()) if isinstance(value, str) else value not in (None, False)


def _read(expression: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    rest = expression.lstrip(" \t\r\n\f\v")
    while rest:
        for kind, lexeme in LEXEMES:
            match = lexeme.match(rest)
            if match:
                groups = [group for group in match.groups() if group is not None]
                found.append((kind, groups[0] if groups else ""))
                rest = rest[match.end() :].lstrip(" \t\r\n\f\v")
                break
        else:
            raise Malformed("Unknown lexeme found!")
        if len(found) >= MOST:
            raise Malformed("Too many tokens!")
    return found


def _leaf(kind: str, text: str) -> Term:
    if kind == "variable":
        return lambda variables: variables.get(text)
    value = Regexp(text) if kind == "pattern" else None if kind == "null" else text
    return lambda variables: value


def _apply(operator: str, terms: list[Term]) -> None:
    if operator == "(" or len(terms) < 2:
        raise Malformed("Invalid left operand" if terms else "Invalid right operand")
    right, left = terms.pop(), terms.pop()
    terms.append(lambda variables: _worked_out(operator, left, right, variables))


def _worked_out(operator: str, left: Term, right: Term, variables: Values) -> Any:
    value = left(variables)
    is_true = value is not None and value is not False
    if operator in ("&&", "||"):
        return right(variables) if is_true is (operator == "&&") else value
    other = right(variables)
    if operator in ("==", "!="):
        return _is_same(value, other) is (operator == "==")
    return _is_found(value, other) is (operator == "=~")


def _is_same(value: Any, other: Any) -> bool:
    if not isinstance(value, Regexp):
        return bool(value == other)
    if not isinstance(other, Regexp):
        raise Malformed("GitLab answers with an internal error")
    return value.text == other.text


def _is_found(value: Any, sought: Any) -> bool:
    if sought in (None, False):
        return False
    if sought is True:
        raise Malformed("GitLab answers with an internal error")
    text = _text(value)
    if isinstance(sought, str):
        try:
            sought = Regexp(sought)
        except Malformed:
            return text in sought
    return sought.program.search(text) is not None


def _text(value: Any) -> str:
    """Return a value as Ruby's `to_s` has it."""
    if value is None:
        return ""
    if isinstance(value, Regexp):
        return "#<Gitlab::UntrustedRegexp:0x00007f0000000000>"
    return str(value).lower() if isinstance(value, bool) else str(value)
