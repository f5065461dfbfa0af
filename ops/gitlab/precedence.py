"""GitLab's rules for which of several CI/CD variables with one key a job gets, and whether it does.

https://docs.gitlab.com/ci/variables/#cicd-variable-precedence,
app/models/concerns/has_environment_scope.rb, app/models/ref_matcher.rb
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PROJECT, INSTANCE = "the project", "the instance"
TYPES = ("env_var", "file")


@dataclass(frozen=True)
class Level:
    """The variables of one level, of which those of an earlier one win.

    + name: whose they are: "the project", "group example/web", "the instance"
    + variables: by key and environment scope; None where they cannot be seen
    + why: a remark where they cannot
    """

    name: str
    variables: Mapping[tuple[str, str], Mapping[str, Any]] | None
    why: str = ""


@dataclass(frozen=True)
class Found:
    """A variable, and where it was found.

    + level: name of its level
    + scope: its environment scope
    + settings: all of it
    """

    level: str
    scope: str
    settings: Mapping[str, Any]

    @property
    def where(self) -> str:
        """Return whose it is, and for which environments."""
        return self.level if self.scope == "*" else f"{self.level} ({self.scope})"


def candidates(levels: Sequence[Level], key: str, environment: str = "") -> list[Found]:
    """Return the variables with a key that a job may get: the first of them wins.

    + levels: the project, its groups from the nearest on, the instance
    + key: of the variables
    + environment: the job's; a job without one gets only what is for all environments
    """
    found: list[Found] = []
    for level in levels:
        of_level = [
            Found(level.name, scope, settings)
            for (name, scope), settings in (level.variables or {}).items()
            if name == key and _fits(scope, environment)
        ]
        found += sorted(of_level, key=lambda one: _rank(one.scope, environment))
    return found


def winners(found: Sequence[Found], environment: str) -> list[Found]:
    """Return the candidates of which a job gets one: several where GitLab has no order for them.

    + found: what `candidates` returns, without those that do not reach the job
    + environment: the job's

    Of two scopes with wildcards that both fit, neither comes first.
    """
    if not found:
        return []
    first = found[0].level, _rank(found[0].scope, environment)
    return [one for one in found if (one.level, _rank(one.scope, environment)) == first]


def of_key(levels: Sequence[Level], key: str, scope: str = "*") -> list[Found]:
    """Return the variables with a key that some job may get that also gets one of a scope.

    + levels, key: as of `candidates`
    + scope: an environment scope, or a name with `*` for what is not known of it
    """
    return [
        Found(level.name, other, settings)
        for level in levels
        for (name, other), settings in (level.variables or {}).items()
        if name == key and overlap(other, scope)
    ]


def overlap(one: str, other: str) -> bool:
    """Return whether there is a name that fits two scopes."""
    waiting, seen = [(0, 0)], set()
    while waiting:
        place = first, second = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        if first == len(one) and second == len(other):
            return True
        stars = one[first : first + 1] == "*", other[second : second + 1] == "*"
        if stars[0]:
            waiting.append((first + 1, second))
        if stars[1]:
            waiting.append((first, second + 1))
        if first < len(one) and second < len(other):
            if any(stars):
                waiting.append((first + (not stars[0]), second + (not stars[1])))
            elif one[first] == other[second]:
                waiting.append((first + 1, second + 1))
    return False


def reaches(found: Found, is_protected: bool) -> bool:
    """Return whether jobs of a branch get a variable: a protected one needs a protected branch."""
    return is_protected or not found.settings["protected"]


def is_protected(branch: str, protected: Sequence[str]) -> bool:
    """Return whether a branch is protected.

    + branch: its name
    + protected: names of protected branches, with wildcards such as `release/*`
    """
    return any(_matches(pattern, branch) for pattern in protected)


def _fits(scope: str, environment: str) -> bool:
    return _matches(scope, environment) if environment else scope == "*"


def _rank(scope: str, environment: str) -> int:
    return 0 if scope == environment else 2 if scope == "*" else 1


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None
