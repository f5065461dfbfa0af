"""GitLab's rules for CI/CD variables, with python-gitlab."""

import hashlib

import gitlab
import pytest
from gitlab.v4.objects import Project
from lab_process import Lab

GOOD = "a-good-Value_1"


def digests(lab: Lab) -> dict[str, str]:
    return {v["key"]: v["digest"] for v in lab.project()["variables"]}


def test_three_of_six_passwords_are_there_and_one_is_not_masked(lab: Lab, project: Project) -> None:
    found = {v.key: v.masked for v in project.variables.list(get_all=True)}
    passwords = {key: masked for key, masked in found.items() if key.startswith("DEDUP_")}
    assert passwords == {
        "DEDUP_PG_PASSWORD": True,
        "DEDUP_CRDB_PASSWORD": False,
        "DEDUP_MARIADB_PASSWORD": True,
    }
    for key in passwords:
        value = lab.environment[key]
        assert digests(lab)[key] == hashlib.sha256(value.encode()).hexdigest()


def test_a_value_is_in_no_log_and_in_no_state(lab: Lab, project: Project) -> None:
    value = lab.environment["DEDUP_KAFKA_PASSWORD"]
    made = project.variables.create({"key": "DEDUP_KAFKA_PASSWORD", "value": value, "masked": True})
    assert made.value == value
    made.value = value + "x"
    made.save()
    assert value not in str(lab.requests())
    assert value not in str(lab.state())
    assert lab.requests(mutating="true")[0]["body"]["value"] == "[MASKED]"


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"value": "short", "masked": True}, "value"),
        ({"value": "not maskable!", "masked": True}, "value"),
        ({"value": "two\nlines-long", "masked": True, "raw": True}, "value"),
        ({"key": "DEDUP_PG_PASSWORD", "value": GOOD}, "key"),
        ({"key": "not-a-key", "value": GOOD}, "key"),
    ],
)
def test_what_breaks_a_rule_is_400(
    lab: Lab, project: Project, settings: dict[str, object], key: str
) -> None:
    before = digests(lab)
    with pytest.raises(gitlab.GitlabCreateError, match=key) as caught:
        project.variables.create({"key": "NEW", **settings})
    assert caught.value.response_code == 400
    assert digests(lab) == before


def test_a_raw_value_may_have_any_character_but_spaces(project: Project) -> None:
    made = project.variables.create({"key": "RAW", "value": "p@$$:{w}rd", "masked": True, "raw": 1})
    assert made.masked


def test_masking_is_checked_when_it_is_switched_on(project: Project) -> None:
    variable = project.variables.create({"key": "SHORT", "value": "short"})
    variable.masked = True
    with pytest.raises(gitlab.GitlabUpdateError, match="value"):
        variable.save()


def test_a_hidden_value_is_never_shown(lab: Lab, project: Project) -> None:
    made = project.variables.create({"key": "HIDDEN", "value": GOOD, "masked_and_hidden": True})
    assert (made.value, made.masked, made.hidden) == (None, True, True)
    assert project.variables.get("HIDDEN").value is None
    with pytest.raises(gitlab.GitlabUpdateError):
        project.variables.update("HIDDEN", {"value": GOOD, "masked": False})
    assert digests(lab)["HIDDEN"] == hashlib.sha256(GOOD.encode()).hexdigest()


def test_a_key_in_two_scopes_needs_a_filter(project: Project) -> None:
    for scope in ("staging", "production"):
        project.variables.create({"key": "TWICE", "value": scope, "environment_scope": scope})
    with pytest.raises(gitlab.GitlabGetError, match="environment_scope") as caught:
        project.variables.get("TWICE")
    assert caught.value.response_code == 409
    only = {"environment_scope": "staging"}
    assert project.variables.get("TWICE", filter=only).value == "staging"
    project.variables.update("TWICE", {"value": "new"}, filter=only)
    project.variables.delete("TWICE", filter=only)
    assert project.variables.get("TWICE").value == "production"


def test_a_deleted_variable_is_gone(project: Project) -> None:
    project.variables.delete("DEDUP_PG_PASSWORD")
    with pytest.raises(gitlab.GitlabGetError, match="404 Variable Not Found"):
        project.variables.get("DEDUP_PG_PASSWORD")
