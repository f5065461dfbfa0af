"""The lab's globs and expressions, and what its linter refuses."""

import shutil

import pytest
from ruby_globs import BY_HAND, by_ruby, generated

from lab.gitlab.ci.config import Config, Invalid, JobSpec
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
def test_the_linter_refuses_a_rule_that_gitlab_refuses(rule: str, error: str) -> None:
    with pytest.raises(Invalid) as raised:
        Config(f"job: {{script: a, rules: [{{{rule}}}]}}\n")
    assert error in raised.value.args


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "job: {script: a, when: never}",
            "jobs:job when should be one of: on_success, on_failure, always, manual, delayed",
        ),
        ("job: {script: a, scripts: b}", "jobs:job config contains unknown keys: scripts"),
        (
            "one: {stage: test, script: a, needs: [two]}\ntwo: {stage: deploy, script: a}",
            "one job: need two is not defined in current or prior stages",
        ),
        ("job: {script: a, needs: [none]}", "job job: undefined need: none"),
        (
            "job: {script: a}\nworkflow: {rules: [{when: manual}]}",
            "workflow:rules:rule when unknown value: manual",
        ),
        (
            "job: {script: a}\nworkflow: {rules: [{allow_failure: true}]}",
            "workflow:rules:rule config contains unknown keys: allow_failure",
        ),
        (
            "job: {script: a}\nworkflow: {auto_cancel: {on_new_commit: all}}",
            "workflow:auto_cancel on new commit must be one of: conservative, interruptible, none",
        ),
        (
            "job: {script: [!reference [.none, script]]}",
            "!reference ['.none', 'script'] could not be found",
        ),
    ],
)
def test_the_linter_refuses_a_file_that_gitlab_refuses(text: str, error: str) -> None:
    with pytest.raises(Invalid) as raised:
        Config(text)
    assert error in raised.value.args


def only_job(text: str) -> JobSpec:
    [job] = Config(text).pipeline(Context({}, []))
    return job


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("when: manual", True),
        ("when: manual, rules: [{if: $A == null}]", True),
        ("rules: [{when: manual}]", False),
        ("rules: [{when: manual, allow_failure: true}]", True),
        ("when: manual, allow_failure: false, rules: [{if: $A == null}]", False),
    ],
)
def test_whether_a_manual_job_holds_up_what_comes_after_it(text: str, is_allowed: bool) -> None:
    job = only_job(f"job: {{script: a, {text}}}")
    assert (job.when, job.allow_failure) == ("manual", is_allowed)


def test_a_need_of_the_same_stage_and_an_optional_one_are_accepted() -> None:
    text = "one: {script: a}\ntwo: {script: a, needs: [one, {job: three, optional: true}]}"
    assert [spec.name for spec in Config(text).pipeline(Context({}, []))] == ["one", "two"]


def test_yaml_is_read_as_psych_does() -> None:
    text = """spec: {inputs: {}}
---
.a: &x {stage: build}
.b: &x {stage: deploy}
job:
  script: a
  stage: build
  <<: *x
  script: [[a, [b]], !reference [.c, script]]
.c: {script: [c]}
"""
    job = only_job(text)
    assert (job.stage, job.script) == ("deploy", ("a", "b", "c"))


def test_null_takes_away_the_rules_that_a_job_inherits() -> None:
    text = ".b: {script: a, rules: [{when: never}]}\njob: {extends: .b, rules: null}\n"
    assert [spec.name for spec in Config(text).pipeline(Context({}, []))] == ["job"]


@pytest.mark.parametrize(
    "text", ["variables: {CI_A: foo}\njob: {%s}", "job: {variables: {CI_A: foo}, %s}"]
)
def test_what_the_file_sets_wins_over_a_predefined_variable(text: str) -> None:
    config = Config(text % 'script: a, rules: [{if: $CI_A == "foo"}]')
    assert [spec.name for spec in config.pipeline(Context({"CI_A": "main"}, []))] == ["job"]
