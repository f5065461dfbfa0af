"""Which workflow rules keep CI off a branch, which do not, and which leave that undecided."""

import pytest

from ops.gitlab.ci.configuration import load
from ops.gitlab.ci.workflow import why_not_kept_off

MASTER = '{if: $CI_COMMIT_BRANCH == "master", when: never}'
WEB = '{if: $CI_PIPELINE_SOURCE == "web"}'
PUSH = '{if: $CI_PIPELINE_SOURCE == "push"}'


def why(rules: str) -> str:
    return why_not_kept_off(load(f"workflow:\n  rules: {rules}\n"), "master")


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
    ],
)
def test_a_rule_that_comes_first_keeps_it_off(rules: str) -> None:
    assert why(rules) == ""


@pytest.mark.parametrize(
    "rules",
    [
        '[{if: $CI_COMMIT_BRANCH == "development"}]',
        '[{if: $CI_COMMIT_BRANCH == "development" && $CI_X, when: always}]',
        "[{if: '$CI_COMMIT_BRANCH =~ /^(development|experiment-.*)$/'}]",
        '[{if: $CI_COMMIT_BRANCH == "development"}, {when: never}]',
        '[{if: $CI_COMMIT_BRANCH == "development"}, {if: $CI_COMMIT_TAG}]',
        '[{if: $CI_COMMIT_BRANCH == "development", changes: [src/*]}]',
    ],
)
def test_a_list_of_what_runs_keeps_off_all_that_is_not_in_it(rules: str) -> None:
    assert why(rules) == ""


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        (f"[{{when: always}}, {MASTER}]", "rule 1 (when: always) matches a push"),
        (
            f"[{PUSH}, {MASTER}]",
            'rule 1 (if: $CI_PIPELINE_SOURCE == "push", when: always) matches a push',
        ),
        (
            f"[{WEB}, {MASTER}]",
            'rule 1 (if: $CI_PIPELINE_SOURCE == "web", when: always) matches a pipeline of the'
            ' source "web"',
        ),
        (
            '[{if: $CI_PIPELINE_SOURCE == "push", when: never}, {when: always}]',
            'rule 2 (when: always) matches a pipeline of the source "web"',
        ),
        (
            f"[{{if: '$CI_COMMIT_BRANCH =~ /^mas/', when: always}}, {MASTER}]",
            "rule 1 (if: $CI_COMMIT_BRANCH =~ /^mas/, when: always) matches a push",
        ),
        (f"[{{if: }}, {MASTER}]", "rule 1 (when: always) matches a push"),
        (f"[{{changes: [src/*]}}, {MASTER}]", "rule 1 (changes, when: always) matches a push"),
        (
            '[{if: $CI_COMMIT_BRANCH == "master", changes: [a], when: never}, {when: always}]',
            "rule 2 (when: always) matches a push",
        ),
        ('[{if: $CI_COMMIT_BRANCH == "master"}]', "rule 1 (if: $CI_COMMIT_BRANCH =="),
        ('[{if: $CI_COMMIT_BRANCH == "x", when: never}, {when: always}]', "rule 2 (when: always)"),
        (f"[{{if: $CI_X}}, {PUSH}]", "rule 2 (if: $CI_PIPELINE_SOURCE"),
        (f"[[{{when: never, if: $CI_COMMIT_TAG}}], [{PUSH}]]", "rule 2 (if: $CI_PIPELINE_SOURCE"),
    ],
)
def test_a_rule_that_lets_it_run_is_named(rules: str, rule: str) -> None:
    assert why(rules).startswith(f"do not keep CI off master: {rule}")


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        (f"[{{if: $CI_X}}, {MASTER}]", "for a push it depends on rule 1 (if: $CI_X, when: always)"),
        (
            "[{if: $CI_X, when: never}, {when: always}]",
            "for a push it depends on rule 1 (if: $CI_X, when: never)",
        ),
        (
            "[{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]",
            "for a push it depends on rule 1 (if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH,",
        ),
        (
            f'[{{if: $CI_PIPELINE_SOURCE == "web" && $CI_X}}, {MASTER}]',
            'for a pipeline of the source "web" it depends on rule 1',
        ),
        (f"[{{if: '$CI_COMMIT_BRANCH =~ /(?!x)/'}}, {MASTER}]", "for a push it depends on rule 1"),
        (f"[{{if: ''}}, {MASTER}]", "for a push it depends on rule 1"),
        ("[{exists: [a], when: never}, {when: always}]", "for a push it depends on rule 1 (exists"),
        (f"[{{exists: [a]}}, {MASTER}]", "for a push it depends on rule 1 (exists, when: always)"),
        (f"[!reference [.x, rules], {MASTER}]", "!reference [.x, rules] leads nowhere"),
        ("!reference [.x, rules]", "!reference [.x, rules] leads nowhere"),
        ("never", "its rules are no list"),
    ],
)
def test_what_cannot_be_decided_is_said_to_be_undecided(rules: str, rule: str) -> None:
    text = f"may keep CI off master or not, which is undecided: {rule}"
    assert why(rules).startswith(text)


@pytest.mark.parametrize(
    "text", ["job: {}\n", "workflow: {}\n", "workflow: {rules: }\n", "workflow: {rules: []}\n"]
)
def test_without_rules_nothing_is_kept_off(text: str) -> None:
    assert why_not_kept_off(load(text), "master") == "do not keep CI off master: there are none"


@pytest.mark.parametrize(
    ("rules", "wanted"), [(MASTER, True), ("{when: always}", False), ("{if: $CI_X}", False)]
)
def test_only_what_is_sure_counts_as_kept_off(rules: str, wanted: bool) -> None:
    why = why_not_kept_off(load(f"workflow: {{rules: [{rules}]}}\n"), "master")
    assert (why == "") is wanted


def test_rules_in_a_file_that_is_included_are_not_known() -> None:
    text = "include: [other.yml]\n"
    assert "undecided: they may be in a file" in why_not_kept_off(load(text), "master")
    # The ones of the file itself hold.
    rules = f"workflow: {{rules: [{MASTER}]}}\n"
    assert why_not_kept_off(load(text + rules), "master") == ""


def test_rules_behind_an_anchor_are_read() -> None:
    shared = '.x: &x\n  - if: $CI_COMMIT_BRANCH == "master"\n    when: never\n'
    for use in ("rules: *x\n", "rules:\n    - *x\n    - when: always\n"):
        assert why_not_kept_off(load(f"{shared}workflow:\n  {use}"), "master") == ""


def test_rules_that_are_referred_to_are_read() -> None:
    shared = '.x:\n  rules:\n    - if: $CI_COMMIT_BRANCH == "master"\n      when: never\n'
    for use in ("!reference [.x, rules]", "[!reference [.x, rules], {when: always}]"):
        assert why_not_kept_off(load(f"{shared}workflow:\n  rules: {use}\n"), "master") == ""


def test_a_long_condition_is_cut_and_stays_on_one_line() -> None:
    condition = "'" + "$CI_LONG_NAME\n\n    || " * 20 + "$CI_X'"
    text = why(f"[{{if: {condition}}}]")
    assert "\n" not in text
    assert len(text) < 250
