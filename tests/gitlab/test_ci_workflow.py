"""What the workflow rules say of a push to a branch, what they leave undecided, and the remarks."""

import pytest

from ops.gitlab.ci.configuration import load
from ops.gitlab.ci.workflow import Verdict, verdict

MASTER = '{if: $CI_COMMIT_BRANCH == "master", when: never}'
API = '{if: $CI_PIPELINE_SOURCE == "api"}'
WEB = '{if: $CI_PIPELINE_SOURCE == "web"}'
PUSH = '{if: $CI_PIPELINE_SOURCE == "push"}'
REAL = f'[{{if: $CI_COMMIT_BRANCH == "development"}}, {API}, {WEB}]'


def of(rules: str, branch: str = "master") -> Verdict:
    return verdict(load(f"workflow:\n  rules: {rules}\n"), branch)


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
        'source web makes one: rule 3 (if: $CI_PIPELINE_SOURCE == "web", when: always)',
        'source api makes one: rule 2 (if: $CI_PIPELINE_SOURCE == "api", when: always)',
    )
    assert of(REAL, "development").kept_off is False


def test_sources_of_one_rule_are_one_remark() -> None:
    found = of('[{if: $CI_PIPELINE_SOURCE == "push", when: never}, {when: always}]')
    assert found.kept_off
    assert found.remarks == (
        "source web, api, schedule, trigger, pipeline, chat, webide makes one:"
        " rule 2 (when: always)",
    )


def test_a_remark_on_what_is_not_known() -> None:
    found = of(f'[{{if: $CI_PIPELINE_SOURCE == "web" && $CI_X}}, {MASTER}]')
    assert found.kept_off
    assert [remark.partition(":")[0] for remark in found.remarks] == ["source web may make one"]


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        (f"[{{when: always}}, {MASTER}]", "rule 1 (when: always)"),
        (f"[{PUSH}, {MASTER}]", 'rule 1 (if: $CI_PIPELINE_SOURCE == "push", when: always)'),
        (
            f"[{{if: '$CI_COMMIT_BRANCH =~ /^mas/', when: always}}, {MASTER}]",
            "rule 1 (if: $CI_COMMIT_BRANCH =~ /^mas/, when: always)",
        ),
        (f"[{{if: }}, {MASTER}]", "rule 1 (when: always)"),
        (f"[{{changes: [src/*]}}, {MASTER}]", "rule 1 (changes, when: always)"),
        (
            '[{if: $CI_COMMIT_BRANCH == "master", changes: [a], when: never}, {when: always}]',
            "rule 2 (when: always)",
        ),
        (
            '[{if: $CI_COMMIT_BRANCH == "master"}]',
            'rule 1 (if: $CI_COMMIT_BRANCH == "master", when: always)',
        ),
        (
            '[{if: $CI_COMMIT_BRANCH == "x", when: never}, {when: always}]',
            "rule 2 (when: always)",
        ),
        (f"[{{if: $CI_X}}, {PUSH}]", 'rule 2 (if: $CI_PIPELINE_SOURCE == "push", when: always)'),
        (
            f"[[{{when: never, if: $CI_COMMIT_TAG}}], [{PUSH}]]",
            'rule 2 (if: $CI_PIPELINE_SOURCE == "push", when: always)',
        ),
    ],
)
def test_a_rule_that_lets_it_run_is_named(rules: str, rule: str) -> None:
    found = of(rules)
    assert found.kept_off is False
    assert found.text == f"a push to master makes a pipeline: {rule} matches"


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (f"[{{if: $CI_X}}, {MASTER}]", "it depends on rule 1 (if: $CI_X, when: always)"),
        (
            "[{if: $CI_X, when: never}, {when: always}]",
            "it depends on rule 1 (if: $CI_X, when: never)",
        ),
        (
            "[{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]",
            "it depends on rule 1 (if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH,",
        ),
        (f"[{{if: '$CI_COMMIT_BRANCH =~ /(?!x)/'}}, {MASTER}]", "it depends on rule 1"),
        (f"[{{if: ''}}, {MASTER}]", "it depends on rule 1"),
        ("[{exists: [a], when: never}, {when: always}]", "it depends on rule 1 (exists"),
        (f"[{{exists: [a]}}, {MASTER}]", "it depends on rule 1 (exists, when: always)"),
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
    rules = load("workflow:\n  rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]\n")
    assert verdict(rules, "master", "development").kept_off is True
    assert verdict(rules, "master", "master").kept_off is False


@pytest.mark.parametrize(
    "text", ["job: {}\n", "workflow: {}\n", "workflow: {rules: }\n", "workflow: {rules: []}\n"]
)
def test_without_rules_nothing_is_kept_off(text: str) -> None:
    wanted = "a push to master makes a pipeline: there are no workflow rules"
    assert verdict(load(text), "master") == Verdict(False, wanted)


def test_rules_in_a_file_that_is_included_are_not_known() -> None:
    text = "include: [other.yml]\n"
    found = verdict(load(text), "master")
    assert found.kept_off is None
    assert "undecided: its workflow rules may be in a file that is included" in found.text
    # The ones of the file itself hold.
    assert verdict(load(f"{text}workflow: {{rules: [{MASTER}]}}\n"), "master").kept_off


def test_rules_behind_an_anchor_are_read() -> None:
    shared = '.x: &x\n  - if: $CI_COMMIT_BRANCH == "master"\n    when: never\n'
    for use in ("rules: *x\n", "rules:\n    - *x\n    - when: always\n"):
        assert verdict(load(f"{shared}workflow:\n  {use}"), "master").kept_off


def test_rules_that_are_referred_to_are_read() -> None:
    shared = '.x:\n  rules:\n    - if: $CI_COMMIT_BRANCH == "master"\n      when: never\n'
    for use in ("!reference [.x, rules]", "[!reference [.x, rules], {when: always}]"):
        assert verdict(load(f"{shared}workflow:\n  rules: {use}\n"), "master").kept_off


def test_a_long_condition_is_cut_and_stays_on_one_line() -> None:
    condition = "'" + "$CI_LONG_NAME\n\n    || " * 20 + "$CI_X'"
    text = of(f"[{{if: {condition}}}]").text
    assert "\n" not in text
    assert len(text) < 250
