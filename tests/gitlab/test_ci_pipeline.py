"""Which jobs a pipeline has by the rules, which it has not, and what cannot be decided."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import load
from ops.gitlab.ci.fate import Fate, words
from ops.gitlab.ci.pipeline import Outcome, outcome
from ops.gitlab.ci.start import UNREAD, Start

SITE = """\
workflow:
  auto_cancel: {on_new_commit: interruptible}
  rules:
    - if: $CI_COMMIT_BRANCH == "development"
      auto_cancel: {on_new_commit: none}
    - if: $CI_PIPELINE_SOURCE =~ /^(web|api)$/
.filter: &filter
  - if: $CI_PIPELINE_SOURCE == "web" || $CI_PIPELINE_SOURCE == "api"
  - if: $CI_PIPELINE_SOURCE == "push"
    changes:
      - src/**/*.cpp
.experiment:
  rules: *filter
build:
  script: [make]
experiment:build:
  script: [make]
  rules: *filter
experiment:kafka:
  extends: .experiment
  script: [run]
  needs: ["experiment:build"]
experiment:run-all:
  extends: .experiment
  script: [run]
  when: manual
  rules:
    - if: $CI_PIPELINE_SOURCE == "api"
upload:
  script: [upload]
  rules:
    - if: $TARGET && $USER_NAME && $SECRET
"""
CODE, NOTES = ["src/x/a.cpp"], ["NOTES.md"]


def site(source: str, changed: Any = None, branch: str = "development", **more: Any) -> Outcome:
    return outcome(load(SITE), Start(branch, source, changed, **more))


def test_a_push_of_code_has_what_the_api_has_without_the_manual_job() -> None:
    push, api = site("push", CODE), site("api")
    assert push.required() == api.required() == ["build", "experiment:build", "experiment:kafka"]
    assert push.jobs["experiment:run-all"].exists is False
    assert api.jobs["experiment:run-all"].is_manual
    assert api.lacking(["build", "experiment:build"]) == ["experiment:kafka"]
    assert push.undecided() == api.undecided() == ["upload"]


def test_a_push_of_something_else_has_a_part_and_the_rule_is_known() -> None:
    found = site("push", NOTES)
    assert found.required() == ["build"]
    fate = found.jobs["experiment:kafka"]
    assert fate.exists is False
    assert [words(rule) for rule in fate.unmatched] == [
        'rule 2 in line 9 (if: $CI_PIPELINE_SOURCE == "push", changes)'
    ]
    assert site("schedule").jobs["experiment:kafka"].unmatched == ()


def test_what_has_changed_may_be_everything_or_not_known() -> None:
    assert site("push", None).required() == site("push", CODE).required()
    unread = site("push", UNREAD)
    assert unread.undecided() == ["experiment:build", "experiment:kafka", "upload"]
    assert words(unread.jobs["experiment:build"].rule).startswith("rule 2 in line 9")  # type: ignore[arg-type]


def test_the_workflow_decides_whether_there_is_a_pipeline() -> None:
    assert site("push", CODE, "master").pipeline.exists is False
    assert site("push", CODE, "master").required() == []
    api = site("api", branch="master")
    assert api.pipeline.exists
    assert words(api.pipeline.rule).startswith("rule 2 in line 6")  # type: ignore[arg-type]


def test_variables_that_are_given_are_known() -> None:
    given = {"TARGET": "a", "USER_NAME": "b", "SECRET": None}
    assert site("api", variables=given).jobs["upload"].exists is False
    assert site("api", variables=given | {"SECRET": "c"}).jobs["upload"].exists


def fate(job: str, source: str = "push", changed: Any = (), **more: Any) -> Fate:
    text = f"job:\n  script: a\n  {job}\n"
    return outcome(load(text), Start("development", source, changed, **more)).jobs["job"]


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ("[]", False),
        ("[if: ]", True),
        ("[when: never]", False),
        ("[{if: $CI, when: never}, when: always]", False),
        ("[{if: $CI_COMMIT_TAG, when: never}, when: always]", True),
        # One of the two, and both say the same.
        ("[if: $X, if: $Y, when: always]", True),
        ("[{if: $X}, {when: always}]", True),
        ("[{if: $X}, {when: never}]", None),
        ("[{if: $X, when: never}]", False),
        ("[{if: $X, when: never}, {when: always}]", None),
        ("[{if: $X == null || $X, changes: [b]}]", None),
        ("[{if: $CI_COMMIT_TAG, changes: {paths: [a], compare_to: main}}]", False),
        ("[{changes: {paths: [a], compare_to: main}}]", None),
        ("[{changes: [a]}]", False),
        ("[{changes: [b, c/*]}]", True),
        ("[{changes: {paths: [b]}}]", True),
        ("[{changes: []}]", False),
        ("[{changes: [$DIR/*]}]", True),
        ("[{changes: ['${DIR}/d', '%DIR%/d']}]", True),
        ("[{changes: [$NONE/*]}]", False),
        ("[{changes: [$X/*]}]", None),
        ("[{changes: [$X/*, b]}]", True),
        ("[{changes: {regexp: b}}]", None),
        ("[{changes: b}]", None),
        ("[{changes: [1]}]", None),
        ("[{exists: [f]}]", True),
        ("[{exists: ['*.cpp']}]", False),
        ("[{exists: ['**/*.cpp']}]", True),
        ("[{exists: {paths: [g]}}]", False),
        ("[{exists: {paths: [f], project: a/b}}]", None),
        ("[{exists: [f], changes: [a]}]", False),
        ("[{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]", True),
        ("[[[{if: $CI_COMMIT_TAG}], {when: manual}]]", True),
        ("1", None),
        ("[!reference [.x, rules]]", None),
    ],
)
def test_the_first_rule_that_matches_decides(rules: str, wanted: bool | None) -> None:
    found = fate(
        f"rules: {rules}",
        changed=["b", "c/d"],
        files=["f", "src/a.cpp"],
        default_branch="development",
        variables={"DIR": "c", "NONE": None},
    )
    assert found.exists is wanted


def test_without_a_list_of_files_it_is_not_known_what_exists() -> None:
    assert fate("rules: [{exists: [f]}]").exists is None
    assert fate("rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]").exists is None


def test_with_too_many_comparisons_gitlab_takes_it_for_a_match() -> None:
    changed = [str(number) for number in range(25_001)]
    assert fate("rules: [{changes: [a, b]}]", changed=changed).exists is True
    assert fate("rules: [{changes: [a, b]}]", changed=changed[:1000]).exists is False
    fifty = ", ".join(f"a{number}" for number in range(51))
    assert fate(f"rules: [{{changes: [{fifty}]}}]", changed=["a"]).exists is None


@pytest.mark.parametrize(
    ("job", "is_manual"),
    [
        ("when: manual", True),
        ("when: manual\n  rules: [if: $CI]", True),
        ("when: manual\n  rules: [{if: $CI, when: always}]", False),
        ("rules: [{if: $CI, when: manual}]", True),
        ("rules: [{if: $X, when: manual}, {when: always}]", True),
        ("rules: [if: $CI]", False),
    ],
)
def test_jobs_that_wait_for_a_person_are_known(job: str, is_manual: bool) -> None:
    assert fate(job).is_manual is is_manual


@pytest.mark.parametrize(
    ("job", "wanted"),
    [
        ("only: [branches]", True),
        ("only: [tags]", False),
        ("only: [development]", True),
        ("only: [master]", False),
        ("only: ['/^dev.*$/']", True),
        ("only: [/DEV/i]", True),
        ("only: ['/^mas/']", False),
        ("only: [pushes]", True),
        ("only: [push]", True),
        ("only: [api]", False),
        ("only: [branches@group/project]", None),
        ("only: {variables: [$CI_COMMIT_TAG, $CI]}", True),
        ("only: {variables: [$X]}", None),
        ("only: {refs: [tags], variables: [$X]}", False),
        ("only: {changes: [b]}", True),
        ("only: {changes: [a]}", False),
        ("only: {kubernetes: active}", None),
        ("except: [development]", False),
        ("except: [tags]", True),
        ("except: {variables: [$X]}", None),
        ("except: {variables: [$X], changes: [b]}", False),
        ("only: 1", None),
    ],
)
def test_jobs_without_rules_may_have_only_and_except(job: str, wanted: bool | None) -> None:
    assert fate(job, changed=["b"]).exists is wanted


@pytest.mark.parametrize(("source", "plural"), [("push", "pushes"), ("schedule", "schedules")])
def test_a_source_has_a_plural(source: str, plural: str) -> None:
    assert fate(f"only: [{plural}]", source).exists


def test_where_something_is_included_what_the_file_does_not_say_is_undecided() -> None:
    text = "include: [{project: a/b, file: c.yml}]\none: {script: a}\ntwo: {rules: [if: $CI]}\n"
    found = outcome(load(text), Start("development", "api"))
    assert found.pipeline.exists is None
    assert found.jobs["two"].exists
    assert found.jobs["one"].exists is None
    assert "project: a/b, file: c.yml" in found.jobs["one"].why
    assert found.required() == []


def test_jobs_that_trigger_other_pipelines_and_copies_are_not_missed() -> None:
    text = "a: {trigger: b/c}\nb: {script: a, parallel: 2}\nc: {script: a, parallel: {matrix: []}}"
    found = outcome(load(text), Start("development", "api"))
    assert found.required() == ["b", "c"]
    assert found.lacking(["b 1/2", "b 2/2", "c: [x, y]"]) == []
    assert found.lacking(["b: other", "c 1"]) == ["b", "c"]


def test_a_job_that_needs_one_that_would_not_exist_is_named() -> None:
    text = """
one: {script: a, rules: [{changes: [a]}]}
two: {script: a, needs: [one, {job: one, optional: true}, {pipeline: x, job: one}]}
"""
    assert outcome(load(text), Start("development", "push", ["b"])).unmet == [("two", "one")]
    assert outcome(load(text), Start("development", "push", ["a"])).unmet == []


VALUES = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-2, 2)
    | some.sampled_from(["a", "$X", "/a/", "never", "manual", "*", "job", "branches"]),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(
            some.sampled_from(
                ["if", "changes", "exists", "paths", "when", "rules", "only", "except", "refs"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(
    job=some.dictionaries(
        some.sampled_from(["rules", "only", "except", "when", "extends", "needs", "trigger"]),
        VALUES,
        max_size=3,
    ),
    top=some.dictionaries(some.sampled_from(["workflow", "include", "variables"]), VALUES),
    changed=some.sampled_from([None, UNREAD, [], ["a"]]),
)
def test_no_configuration_raises_an_error(job: Any, top: Any, changed: Any) -> None:
    try:
        configuration = load(json.dumps({**top, "job": job}))
    except Unchangeable:
        return
    found = outcome(configuration, Start("development", "push", changed))
    found.required()
    found.lacking([])
