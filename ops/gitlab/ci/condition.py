"""The conditions of CI rules (`rules:if`), decided where only some of the variables are known.

The values are Ruby's: an empty text is true to `&&` and `||`, and only the outcome of all of it is
false if it is blank. A value that is not known is all that it may be; what is the same for each of
those is decided. lib/gitlab/ci/pipeline/expression/ in https://gitlab.com/gitlab-org/gitlab
"""

import itertools
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ops.gitlab.ci.expression import Malformed, Operator, Pattern, Variable, parts


class _Unknown(Enum):
    TEXT = "a text that is not blank"
    BLANK = "an empty text, or one of blanks"


# What a variable may be that is not known; None is one that is not set.
_ANY = frozenset({_Unknown.TEXT, _Unknown.BLANK, None})
_EITHER = frozenset({True, False})

_Values = frozenset[Any]


def holds(condition: Any, variables: Mapping[str, str | None]) -> bool | None:
    """Return whether a condition is true, or None where that cannot be decided.

    + condition: text of an `if`
    + variables: the ones that are known; None is one that is not set, and any other may be anything

    What is no expression to GitLab is not decided either: it makes no pipeline at all.
    """
    if not isinstance(condition, str):
        return None
    try:
        outcomes = {_is_present(value) for value in _values(condition, variables)}
    except Malformed:
        return None
    return outcomes.pop() if len(outcomes) == 1 else None


def _values(condition: str, variables: Mapping[str, str | None]) -> _Values:
    """Return all that a condition may be."""
    stack: list[_Values] = []
    for part in parts(condition):
        if isinstance(part, Operator):
            if len(stack) < 2:
                raise Malformed(f"{part.sign} lacks a value")
            right, left = stack.pop(), stack.pop()
            stack.append(_result(part.sign, left, right))
        elif isinstance(part, Variable):
            known = part.name in variables
            stack.append(frozenset({variables[part.name]}) if known else _ANY)
        else:
            stack.append(frozenset({part}))
    if len(stack) != 1:
        raise Malformed("there is not one expression")
    return stack[0]


def _result(sign: str, left: _Values, right: _Values) -> _Values:
    if sign in ("&&", "||"):
        # The left value decides alone where it is false to `&&`, or true to `||`.
        alone = {value for value in left if (value in (None, False)) is (sign == "&&")}
        return frozenset(alone | right) if len(alone) < len(left) else left
    compare = _equals if sign in ("==", "!=") else _is_found
    found = {result for one, other in itertools.product(left, right) for result in
             compare(one, other)}  # fmt: skip
    is_negated = sign in ("!=", "!~")
    return frozenset(result is not is_negated for result in found)


def _equals(left: Any, right: Any) -> _Values:
    if isinstance(left, Pattern):
        if not isinstance(right, Pattern):
            raise Malformed("a pattern is compared with what is none")  # An error in Ruby.
        return frozenset({left.source == right.source})
    unknown = isinstance(left, _Unknown) or isinstance(right, _Unknown)
    texts = all(isinstance(side, str | _Unknown) for side in (left, right))
    if unknown and texts:
        return _EITHER if _is_present(left) is _is_present(right) else frozenset({False})
    return frozenset({left == right})


def _is_found(text: Any, pattern: Any) -> _Values:
    """Return whether GitLab finds a pattern; in a text that is not set, it looks as in an empty."""
    if pattern is None or pattern is False:
        return frozenset({False})
    if pattern is True:
        raise Malformed("a comparison is no pattern")
    if isinstance(pattern, str):
        pattern = _pattern(pattern)
    if isinstance(text, Pattern | _Unknown) or isinstance(pattern, _Unknown):
        return _EITHER
    words = {None: "", True: "true", False: "false"}.get(text, text)
    try:
        # A text that is no pattern is itself searched: the wrong way round, but so it is.
        found = words in pattern if isinstance(pattern, str) else pattern.is_in(words)
    except UnicodeError:
        return _EITHER
    return frozenset({found})


def _pattern(text: str) -> Pattern | str:
    try:
        return Pattern(text)
    except Malformed:
        return text


def _is_present(value: Any) -> bool:
    """Return what `present?` says in Ruby."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value is not False and value is not _Unknown.BLANK
