"""Which jobs use a variable, and the environment of each, without I/O."""

import pytest

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import load
from ops.gitlab.ci.environments import of_users, slug
from ops.gitlab.precedence import overlap

NAME = "DB_PASSWORD"


def users(text: str, branch: str = "main", overridden: tuple[str, ...] = ()) -> dict[str, str]:
    return of_users(load(text), NAME, branch, overridden)


def of_a(job: str, around: str = "") -> str:
    """Return the environment of a job with these keywords, which uses the variable."""
    return users(f"{around}\na:\n  script: [run $DB_PASSWORD]\n{job}")["a"]


@pytest.mark.parametrize(
    "job",
    [
        'script: ["echo $DB_PASSWORD"]',
        'script: ["echo ${DB_PASSWORD:-none}"]',
        "before_script: [[printenv DB_PASSWORD]]",
        'variables: {PASSWORD: "$DB_PASSWORD"}',
        "script: [!reference [.b, script]]",
        "script: [!reference [.round, script], !reference [.b, script]]",
        "extends: .c",
    ],
)
def test_a_job_uses_what_is_in_its_keywords(job: str) -> None:
    hidden = (
        ".b: {script: [run $DB_PASSWORD]}\n.c: {extends: .b, script: [x], after_script: "
        "[y $DB_PASSWORD]}\n.round: {script: [!reference [.round, script]]}\n"
    )
    text = f"{hidden}a: {{script: [x], {job}}}\nz: {{script: [$DB_PASSWORD_OLD]}}\n"
    assert list(users(text)) == ["a"]


def test_what_is_above_all_jobs_is_theirs_but_where_they_do_not_inherit_it() -> None:
    default = "default: {before_script: [run $DB_PASSWORD]}\n"
    jobs = "a: {script: [x]}\nb: {script: [x], before_script: [y]}\n"
    more = (
        "c: {script: [x], inherit: {default: false}}\nd: {script: [x], inherit: {default: [image]}}"
    )
    assert list(users(f"{default}{jobs}{more}")) == ["a"]
    assert list(users(f"before_script: [run $DB_PASSWORD]\n{jobs}")) == ["a"]
    variables = 'variables: {PASSWORD: {value: "$DB_PASSWORD"}, OTHER: x}\n'
    kept = (
        "b: {script: [x], inherit: {variables: false}}\n"
        "c: {script: [x], inherit: {variables: [OTHER]}}"
    )
    assert list(users(f"{variables}a: {{script: [x]}}\n{kept}")) == ["a"]


def test_where_no_job_names_it_each_may_use_it() -> None:
    assert users("a: {script: [sh run.sh]}\nb: {script: [x], environment: lab}") == {
        "a": "",
        "b": "lab",
    }


@pytest.mark.parametrize(
    ("job", "environment"),
    [
        ("", ""),
        ("  environment: production", "production"),
        ("  environment: {name: production, action: stop}", "production"),
        ("  environment: {url: x}", ""),
        ("  environment: review/$CI_COMMIT_REF_SLUG", "review/feature-1-x"),
        ("  environment: review/${CI_COMMIT_BRANCH}/$CI_JOB_NAME", "review/Feature/1.x/a"),
        ("  environment: review/$CI_MERGE_REQUEST_IID", "review/*"),
        ("  environment: $CI_PIPELINE_SOURCE", "*"),
        ("  environment: $AREA", "lab"),
        ("  environment: $AREA\n  variables: {AREA: eu}", "eu"),
        ("  environment: $AREA\n  inherit: {variables: false}", "*"),
        ("  environment: $AREA\n  parallel: {matrix: [{AREA: [a, b]}]}", "*"),
        ("  environment: $AREA\n  rules: [{if: $X, variables: {AREA: eu}}]", "*"),
        ("  environment: $TAKEN", "*"),
        ("  environment: $NESTED", "*"),
        ("  environment: a/$EMPTY", "a/"),
        ("  extends: .b", "b"),
        ("  environment: !reference [.b, environment]", "b"),
    ],
)
def test_the_environment_of_a_job(job: str, environment: str) -> None:
    around = 'variables: {AREA: lab, TAKEN: lab, NESTED: "$AREA", EMPTY: ""}\n.b: {environment: b}'
    text = f"{around}\na:\n  script: [run $DB_PASSWORD]\n{job}"
    assert users(text, "Feature/1.x", ("TAKEN",)) == {"a": environment}


def test_rules_of_the_workflow_may_set_it_too() -> None:
    workflow = "variables: {AREA: lab}\nworkflow: {rules: [{if: $X, variables: {AREA: eu}}]}"
    assert of_a("  environment: $AREA", workflow) == "*"


def test_what_rules_of_the_workflow_make_of_it_reaches_all_jobs() -> None:
    rules = "workflow: {rules: [{if: $X, variables: {PASSWORD: $DB_PASSWORD}}]}"
    text = f"{rules}\na: {{script: [run $PASSWORD]}}\nb: {{script: [run $DB_PASSWORD]}}"
    assert users(text) == {"a": "", "b": ""}


def test_what_refers_to_nothing_is_not_understood() -> None:
    with pytest.raises(Unchangeable, match="leads nowhere"):
        users("a: {script: [!reference [.b, script]]}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Feature/1.x", "feature-1-x"), ("--a--", "a"), ("a" * 70, "a" * 63), ("ä", "")],
)
def test_a_slug(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("*", "*", True),
        ("*", "production", True),
        ("production", "production", True),
        ("production", "Production", False),
        ("production/*", "production", False),
        ("production/*", "*/eu", True),
        ("production/*", "review/*", False),
        ("review/*", "review/*-x", True),
        ("*a*", "b", False),
        ("*a*", "b*", True),
        ("", "*", True),
        ("", "a", False),
        ("*" * 250, "a" * 250, True),
        ("*a" * 120, "*b" * 120, False),
    ],
)
def test_scopes_that_a_name_fits_both(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected
