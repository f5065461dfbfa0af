"""The lab's globs and expressions, and what its linter refuses."""

import shutil

import pytest
from ruby_globs import BY_HAND, by_ruby, generated

from lab.gitlab.ci.config import Config, Invalid
from lab.gitlab.ci.globs import TooMany, matches
from lab.gitlab.ci.rules import Context


@pytest.mark.skipif(shutil.which("ruby") is None, reason="Ruby is not installed")
def test_ruby_says_the_same_of_thousands_of_pairs() -> None:
    pairs = [*BY_HAND, *generated(6000, seed=12)]
    labs = [matches(glob, path) for glob, path in pairs]
    assert [row for row in zip(pairs, by_ruby(pairs), labs, strict=True) if row[1] != row[2]] == []


def test_braces_without_end_are_said_to_be_too_many() -> None:
    with pytest.raises(TooMany):
        matches("{a,b}" * 40, "a")


def jobs(rules: str, changed: list[str] | None, **variables: str) -> list[str]:
    config = Config(f"always: {{script: a}}\njob:\n  script: a\n  rules: {rules}\n")
    return [spec.name for spec in config.pipeline(Context(variables, changed))]


@pytest.mark.parametrize(
    ("rules", "changed", "wanted"),
    [
        ("[changes: ['{a,b']]", ["{a,b", "a"], False),
        ("[changes: ['$DIR/*']]", ["src/a"], True),
        ("[changes: ['${DIR}/*']]", ["src/a"], True),
        ("[changes: ['$NONE/*']]", ["src/a"], False),
        ("[if: ]", [], True),
        ("[if: $NONE]", [], False),
        ("[if: $NONE == null]", [], True),
    ],
)
def test_what_a_rule_says_of_a_push(rules: str, changed: list[str], wanted: bool) -> None:
    assert ("job" in jobs(rules, changed, DIR="src")) is wanted


def test_with_too_many_comparisons_it_is_taken_for_a_match() -> None:
    assert "job" in jobs("[changes: [a, b]]", [str(number) for number in range(25_001)])
    assert "job" not in jobs("[changes: [a, b]]", [str(number) for number in range(25_000)])


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("if: $A =~ /a/", "jobs:job:rules:rule if invalid expression syntax"),
        ("if: '$A =~ /a\\\\/'", "jobs:job:rules:rule if invalid expression syntax"),
        ("if: '$A =~ /(?=a)/'", "jobs:job:rules:rule if invalid expression syntax"),
        ("if: [$A]", "jobs:job:rules:rule if invalid expression syntax"),
        (
            f"changes: [{', '.join(map(str, [f'f{n}' for n in range(51)]))}]",
            "jobs:job:rules:rule:changes config has too many entries (maximum 50)",
        ),
    ],
)
def test_the_linter_refuses_what_gitlab_refuses(rule: str, error: str) -> None:
    with pytest.raises(Invalid) as raised:
        Config(f"job: {{script: a, rules: [{{{rule}}}]}}\n")
    assert error in raised.value.args
