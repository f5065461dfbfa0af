"""The rules of a CI job: `if:` expressions, `changes:` globs and `when:`.

After https://docs.gitlab.com/ci/jobs/job_rules/ and lib/gitlab/ci/build/rules/.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:(?P<operator>==|!=|=~|!~|&&|\|\||\(|\))|\$(?P<variable>\w+)|"(?P<double>[^"]*)"
    |'(?P<single>[^']*)'|(?P<null>null\b)|/(?P<pattern>(?:\\.|[^/])+)/(?P<flags>i?))""",
    re.VERBOSE,
)


class Malformed(ValueError):
    """An expression that GitLab would call an invalid expression syntax."""


@dataclass(frozen=True)
class Context:
    """What rules look at.

    + changed: the paths that a push has changed; None where there was no push, and then
      `changes:` is true
    """

    variables: Mapping[str, str]
    changed: list[str] | None = None


@dataclass(frozen=True)
class Verdict:
    """What the first rule that applies says; `when` is None where the job's own one holds."""

    when: str | None
    allow_failure: bool | None = None


def judge(rules: list[dict[str, Any]], context: Context) -> Verdict | None:
    """Return the verdict of the first rule that applies, or None where none does."""
    for rule in rules:
        if "if" in rule and not evaluate(rule["if"], context.variables):
            continue
        if "changes" in rule and not _touches(rule["changes"], context.changed):
            continue
        return Verdict(rule.get("when"), rule.get("allow_failure"))
    return None


def evaluate(expression: str, variables: Mapping[str, str]) -> bool:
    """Return whether an `if:` expression is true."""
    tokens = _tokens(expression)
    value = _either(tokens, variables)
    if tokens:
        raise Malformed(expression)
    return bool(value)


def matches(glob: str, path: str) -> bool:
    """Return whether a path matches as Ruby's File.fnmatch has it, with the flags of GitLab.

    `**/` goes through directories; `**` before anything else, or at the end, is `*`: `k8s/**`
    is what is in k8s itself and not what is below its directories.
    """
    return re.fullmatch(_pattern(glob), path) is not None


def _touches(changes: Any, changed: list[str] | None) -> bool:
    globs = changes.get("paths", []) if isinstance(changes, dict) else changes
    return changed is None or any(matches(glob, path) for glob in globs for path in changed)


def _pattern(glob: str) -> str:
    parts, depth, place = [], 0, 0
    while place < len(glob):
        character = glob[place]
        at_segment = place == 0 or glob[place - 1] == "/"
        if glob.startswith("**/", place) and at_segment:
            parts.append("(?:.*/)?")
            place += 3
            continue
        if character == "*":
            parts.append("[^/]*")
        elif character == "?":
            parts.append("[^/]")
        elif character == "{":
            parts.append("(?:")
            depth += 1
        elif character == "}" and depth:
            parts.append(")")
            depth -= 1
        else:
            parts.append("|" if character == "," and depth else re.escape(character))
        place += 1
    return "".join(parts)


def _tokens(expression: str) -> list[re.Match[str]]:
    tokens, place = [], 0
    text = expression.strip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise Malformed(expression)
        tokens.append(match)
        place = match.end()
    return tokens[::-1]


def _either(tokens: list[re.Match[str]], variables: Mapping[str, str]) -> Any:
    value = _both(tokens, variables)
    while tokens and tokens[-1]["operator"] == "||":
        tokens.pop()
        other = _both(tokens, variables)
        value = value or other
    return value


def _both(tokens: list[re.Match[str]], variables: Mapping[str, str]) -> Any:
    value = _comparison(tokens, variables)
    while tokens and tokens[-1]["operator"] == "&&":
        tokens.pop()
        other = _comparison(tokens, variables)
        value = value and other
    return value


def _comparison(tokens: list[re.Match[str]], variables: Mapping[str, str]) -> Any:
    left = _value(tokens, variables)
    operator = tokens[-1]["operator"] if tokens else None
    if operator not in ("==", "!=", "=~", "!~"):
        return left
    tokens.pop()
    right = _value(tokens, variables)
    if operator in ("==", "!="):
        return (left == right) == (operator == "==")
    if not isinstance(right, re.Pattern):
        raise Malformed("the right side of a match has to be a pattern")
    return (left is not None and right.search(left) is not None) == (operator == "=~")


def _value(tokens: list[re.Match[str]], variables: Mapping[str, str]) -> Any:
    if not tokens:
        raise Malformed("the expression ends too early")
    token = tokens.pop()
    if token["operator"] == "(":
        value = _either(tokens, variables)
        if not tokens or tokens.pop()["operator"] != ")":
            raise Malformed("a parenthesis is not closed")
        return value
    if token["operator"]:
        raise Malformed(f"{token['operator']} is not expected here")
    if token["variable"]:
        return variables.get(token["variable"])
    if token["pattern"]:
        return _compiled(token["pattern"], re.IGNORECASE if token["flags"] else 0)
    return None if token["null"] else token["double"] or token["single"] or ""


def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise Malformed(str(error)) from None
