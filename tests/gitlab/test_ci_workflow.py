"""What the workflow rules say of a push to a branch, what they leave undecided, and the remarks."""

import pytest

from ops.gitlab.ci.configuration import load
from ops.gitlab.ci.workflow import Verdict, verdict

MASTER = '{if: $CI_COMMIT_BRANCH == "master", when: never}'
API = '{if: $CI_PIPELINE_SOURCE == "api"}'
WEB = '{if: $CI_PIPELINE_SOURCE == "web"}'
PUSH = '{if: $CI_PIPELINE_SOURCE == "push"}'
JOB = "job: {script: [make]}\n"
REAL = f'[{{if: $CI_COMMIT_BRANCH == "development"}}, {API}, {WEB}]'


def of(rules: str, branch: str = "master") -> Verdict:
    return verdict(load(f"workflow:\n  rules: {rules}\n{JOB}"), branch)


@pytest.mark.parametrize(
    "rules",
    [
        f"[{MASTER}, {{when: always}}]",
        f"[{MASTER}]",
        f'[{{if: $CI_COMMIT_BRANCH == "development"}}, {MASTER}, {{when: always}}]',
        f"[{{if: $CI_COMMIT_TAG}}, {MASTER}, {{when: always}}]",
        f'[{{if: $CI_PIPELINE_SOURCE == "merge_request_event"}}, {MASTER}, {{when: always}}]',
        f"[{{if: $CI_X, when: never}}, {MASTER}, {{when: always}}]",
        "[{if: '$CI_COMMIT_BRANCH =~ /^(master|archive)$/', when: never}, {when: always}]",
        "[{if: '$CI_COMMIT_BRANCH !~ /^dev/', when: never}, {when: always}]",
        '[{if: $CI_COMMIT_REF_NAME == "master" || $CI_X, when: never}, {when: always}]',
        "[{when: never}, {when: always}]",
        f"[[{MASTER}], {{when: always}}]",
        '[{if: $CI_COMMIT_BRANCH == "development"}]',
        '[{if: $CI_COMMIT_BRANCH == "development" && $CI_X, when: always}]',
        "[{if: '$CI_COMMIT_BRANCH =~ /^(development|experiment-.*)$/'}]",
        '[{if: $CI_COMMIT_BRANCH == "development"}, {when: never}]',
        '[{if: $CI_COMMIT_BRANCH == "development"}, {if: $CI_COMMIT_TAG}]',
        '[{if: $CI_COMMIT_BRANCH == "development", changes: [src/*]}]',
    ],
)
def test_a_branch_that_nothing_runs_for(rules: str) -> None:
    assert of(rules) == Verdict(True, "a push to master makes no pipeline")


def test_the_rules_of_the_site_are_about_pushes_and_the_rest_is_a_remark() -> None:
    found = of(REAL)
    assert (found.kept_off, found.text) == (True, "a push to master makes no pipeline")
    assert found.remarks == (
        *(
            f"source {source} makes one: rule {number} in line 2"
            f' (if: $CI_PIPELINE_SOURCE == "{source}") matches, and job is in it'
            for source, number in (("web", 3), ("api", 2))
        ),
    )
    assert of(REAL, "development").kept_off is False


def test_sources_of_one_rule_are_one_remark() -> None:
    found = of('[{if: $CI_PIPELINE_SOURCE == "push", when: never}, {when: always}]')
    assert found.kept_off
    assert found.remarks == (
        "source web, api, schedule, trigger, pipeline, chat, webide makes one:"
        " rule 2 in line 2 (when: always) matches, and job is in it",
    )


def test_a_remark_on_what_is_not_known() -> None:
    found = of(f'[{{if: $CI_PIPELINE_SOURCE == "web" && $CI_X}}, {MASTER}]')
    assert found.kept_off
    assert [remark.partition(":")[0] for remark in found.remarks] == ["source web may make one"]


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        (f"[{{when: always}}, {MASTER}]", "rule 1 in line 2 (when: always)"),
        (f"[{PUSH}, {MASTER}]", 'rule 1 in line 2 (if: $CI_PIPELINE_SOURCE == "push")'),
        (
            f"[{{if: '$CI_COMMIT_BRANCH =~ /^mas/', when: always}}, {MASTER}]",
            "rule 1 in line 2 (if: $CI_COMMIT_BRANCH =~ /^mas/, when: always)",
        ),
        (f"[{{if: }}, {MASTER}]", "rule 1 in line 2 (without conditions)"),
        (
            '[{if: $CI_COMMIT_BRANCH == "master"}]',
            'rule 1 in line 2 (if: $CI_COMMIT_BRANCH == "master")',
        ),
        (
            '[{if: $CI_COMMIT_BRANCH == "x", when: never}, {when: always}]',
            "rule 2 in line 2 (when: always)",
        ),
        (f"[{{if: $CI_X}}, {PUSH}]", 'rule 2 in line 2 (if: $CI_PIPELINE_SOURCE == "push")'),
        (
            f"[[{{when: never, if: $CI_COMMIT_TAG}}], [{PUSH}]]",
            'rule 2 in line 2 (if: $CI_PIPELINE_SOURCE == "push")',
        ),
    ],
)
def test_a_rule_that_lets_it_run_is_named(rules: str, rule: str) -> None:
    found = of(rules)
    assert found.kept_off is False
    assert found.text == f"a push to master makes a pipeline: {rule} matches, and job is in it"


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (f"[{{if: $CI_X}}, {MASTER}]", "it depends on rule 1 in line 2 (if: $CI_X)"),
        (
            "[{if: $CI_X, when: never}, {when: always}]",
            "it depends on rule 1 in line 2 (if: $CI_X, when: never)",
        ),
        (
            "[{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]",
            "it depends on rule 1 in line 2 (if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH)",
        ),
        (f"[{{if: '$CI_COMMIT_BRANCH =~ /(?!x)/'}}, {MASTER}]", "it depends on rule 1"),
        (f"[{{if: ''}}, {MASTER}]", "it depends on rule 1"),
        ("[{exists: [a], when: never}, {when: always}]", "it depends on rule 1 in line 2 (exists"),
        (f"[{{exists: [a]}}, {MASTER}]", "it depends on rule 1 in line 2 (exists)"),
        (f"[{{changes: [src/*]}}, {MASTER}]", "it depends on rule 1 in line 2 (changes)"),
        (
            "[{if: $CI_COMMIT_BRANCH, changes: [a], when: never}, {when: always}]",
            "it depends on rule 1 in line 2 (if: $CI_COMMIT_BRANCH, changes, when: never)",
        ),
        (
            f"[{MASTER}, {{when: manual}}]",
            "GitLab refuses the configuration: workflow has rule 2 in line 2 (when: manual),"
            " and `when` is one of always, never there",
        ),
        ("[]", "GitLab refuses the configuration: its workflow rules are an empty list"),
        ("[{when: on_success}]", "GitLab refuses the configuration: workflow has rule 1"),
        ("[{when: nver}]", "GitLab refuses the configuration: workflow has rule 1"),
        (f"[!reference [.x, rules], {MASTER}]", "!reference [.x, rules] leads nowhere"),
        ("!reference [.x, rules]", "!reference [.x, rules] leads nowhere"),
        ("never", "its rules are no list"),
    ],
)
def test_what_cannot_be_decided_is_said_to_be_undecided(rules: str, why: str) -> None:
    found = of(rules)
    assert found.kept_off is None
    assert found.text.startswith(f"whether a push to master makes a pipeline is undecided: {why}")


def test_the_default_branch_is_known_where_somebody_asked_for_it() -> None:
    condition = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
    rules = load(f"workflow:\n  rules: [{{if: {condition}}}]\n{JOB}")
    assert verdict(rules, "master", "development").kept_off is True
    assert verdict(rules, "master", "master").kept_off is False


@pytest.mark.parametrize("text", ["", "workflow: {}\n", "workflow: {rules: }\n"])
def test_without_rules_nothing_is_kept_off(text: str) -> None:
    wanted = "a push to master makes a pipeline: there are no workflow rules, and job is in it"
    assert verdict(load(text + JOB), "master") == Verdict(False, wanted)


NOT_ON_PUSH = '{script: [x], rules: [{if: $CI_PIPELINE_SOURCE == "push", when: never}, {}]}'


@pytest.mark.parametrize("rules", ["", "workflow: {rules: [{when: always}]}\n"])
@pytest.mark.parametrize("more", ["", "b: {script: [x], stage: .pre}\n"])
def test_there_is_no_pipeline_without_a_job_that_is_not_at_its_edges(rules: str, more: str) -> None:
    found = verdict(load(f"{rules}{more}a: {NOT_ON_PUSH}\n"), "master")
    wanted = "a push to master makes no pipeline: the rules of no job let it into one"
    assert (found.kept_off, found.text) == (True, wanted)
    assert len(found.remarks) == 1
    assert found.remarks[0].endswith(", and a is in it")


@pytest.mark.parametrize(
    ("jobs", "why"),
    [
        (f"a: {NOT_ON_PUSH}\nb: {{script: [x], rules: [{{changes: [s]}}]}}\n", "b: it depends on"),
        (f"a: {NOT_ON_PUSH}\nb: {{script: [x], needs: [a]}}\n", "GitLab refuses it: b needs a,"),
        (".a: {script: [x]}\n", "GitLab refuses the configuration: it has no job that is not"),
        ("a: {script: [x], when: never}\n", "GitLab refuses the configuration: a has when: never"),
        ("a: {script: [x], rules: [{when: no}]}\n", "GitLab refuses the configuration: a has rule"),
    ],
)
def test_whether_there_is_a_job_may_be_undecided(jobs: str, why: str) -> None:
    found = verdict(load(jobs), "master")
    assert found.kept_off is None
    assert f"a push to master makes a pipeline is undecided: {why}" in found.text


def test_what_is_included_is_not_known() -> None:
    text = "include: [other.yml]\n"
    found = verdict(load(text), "master")
    assert found.kept_off is None
    assert "undecided: the rules may be in what is included: other.yml" in found.text
    # The rules of the file itself hold, and jobs may be elsewhere.
    assert verdict(load(f"{text}workflow: {{rules: [{MASTER}]}}\n"), "master").kept_off
    always = "workflow: {rules: [{when: always}]}\n"
    assert verdict(load(f"{text}{always}a: {NOT_ON_PUSH}\n"), "master").kept_off is None


def test_values_of_inputs_are_not_known() -> None:
    rule = "{if: '$CI_COMMIT_BRANCH == \"$[[ inputs.branch ]]\"'}"
    text = f"workflow:\n  rules: [{rule}]\n{JOB}"
    header = "spec: {inputs: {branch: {default: master}}}\n---\n"
    found = verdict(load(header + text), "master")
    assert found.kept_off is None
    assert "undecided: the values of its inputs are not known" in found.text
    # Without inputs GitLab puts in nothing.
    assert verdict(load(text), "master").kept_off is True


def test_rules_behind_an_anchor_are_read() -> None:
    shared = '.x: &x\n  - if: $CI_COMMIT_BRANCH == "master"\n    when: never\n'
    for use in ("rules: *x\n", "rules:\n    - *x\n    - when: always\n"):
        assert verdict(load(f"{shared}{JOB}workflow:\n  {use}"), "master").kept_off


def test_rules_that_are_referred_to_are_read() -> None:
    shared = '.x:\n  rules:\n    - if: $CI_COMMIT_BRANCH == "master"\n      when: never\n'
    for use in ("!reference [.x, rules]", "[!reference [.x, rules], {when: always}]"):
        assert verdict(load(f"{shared}{JOB}workflow:\n  rules: {use}\n"), "master").kept_off


def test_a_long_condition_is_cut_and_stays_on_one_line() -> None:
    condition = "'" + "$CI_LONG_NAME\n\n    || " * 20 + "$CI_X'"
    text = of(f"[{{if: {condition}}}]").text
    assert "\n" not in text
    assert len(text) < 250


@pytest.mark.parametrize(
    "text",
    [
        "variables: {CI_COMMIT_BRANCH: foo}\n"
        f"workflow: {{rules: [{MASTER}, {{when: always}}]}}\n{JOB}",
        "job: {variables: {CI_COMMIT_BRANCH: foo}, "
        f"script: [a], rules: [{MASTER}, {{when: always}}]}}",
        "workflow: {rules: [{when: always, variables: {CI_COMMIT_BRANCH: foo}}]}\n"
        f"job: {{script: [a], rules: [{MASTER}, {{when: always}}]}}",
    ],
    ids=["file", "job", "workflow"],
)
def test_a_predefined_variable_that_the_file_sets_is_not_known(text: str) -> None:
    assert verdict(load(text), "master").kept_off is None
