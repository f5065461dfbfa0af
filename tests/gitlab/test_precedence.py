"""Which of several CI/CD variables a job gets: GitLab's rules, without I/O."""

from typing import Any

import pytest

from ops.gitlab.precedence import Found, Level, candidates, is_protected, reaches


def variables(*scopes: str, key: str = "KEY", **settings: Any) -> dict[tuple[str, str], Any]:
    return {(key, scope): {"protected": False, **settings} for scope in scopes}


LEVELS = [
    Level("the project", variables("*", "production", "review/*")),
    Level("group a/b", None, "group a/b cannot be seen (403)"),
    Level("group a", variables("*", key="OTHER") | variables("production")),
    Level("the instance", variables("*")),
]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("", ["the project", "the instance"]),
        ("production", [
            "the project (production)", "the project", "group a (production)", "the instance",
        ]),
        ("review/7", ["the project (review/*)", "the project", "the instance"]),
        ("Production", ["the project", "the instance"]),
    ],
)  # fmt: skip
def test_the_project_wins_over_groups_and_they_over_the_instance(
    environment: str, expected: list[str]
) -> None:
    assert [found.where for found in candidates(LEVELS, "KEY", environment)] == expected


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        ("main", True),
        ("main-2", False),
        ("release/1.2", True),
        ("release/1/2", True),
        ("release", False),
        ("v1-stable", True),
        ("Main", False),
        ("mainx", False),
    ],
)
def test_a_wildcard_protects_all_branches_that_it_matches(branch: str, expected: bool) -> None:
    assert is_protected(branch, ["main", "release/*", "*-stable", "m.in"]) is expected


def test_a_protected_variable_needs_a_protected_branch() -> None:
    for variable in (True, False):
        found = Found("the project", "*", {"protected": variable})
        assert reaches(found, is_protected=True)
        assert reaches(found, is_protected=False) is not variable
