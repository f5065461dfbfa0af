"""deploys/ci_variables.py: type, protection, and variables of groups and of the instance."""

import gitlab
import pytest
from gitlab.v4.objects import Project
from lab_process import Lab, Pyinfra

KAFKA, PG = "DEDUP_KAFKA_PASSWORD", "DEDUP_PG_PASSWORD"
COLLECTION = "/api/v4/projects/280/variables"
DATA = "--data"


def settings(lab: Lab, key: str = PG) -> dict[str, object]:
    [found] = [v for v in lab.project()["variables"] if v["key"] == key]
    return found


def changes(lab: Lab, since: int) -> list[tuple[str, object]]:
    found = lab.requests(mutating="true", since=since)
    return [(f"{r['method']} {r['path']}", r["body"]) for r in found]


def now(lab: Lab) -> int:
    return max(r["number"] for r in lab.requests())


def test_a_file_variable_becomes_one_of_the_environment(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    project.variables.update(PG, {"variable_type": "file"})
    before = now(chain)
    code, output = pyinfra.deploy("ci_variables", "--dry")
    assert code == 0, output
    assert f'{PG} (*).variable_type: "file" -> "env_var"' in output
    assert changes(chain, before) == []
    assert settings(chain)["variable_type"] == "file"
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    assert changes(chain, before) == [(f"PUT {COLLECTION}/{PG}", {"variable_type": "env_var"})]
    assert settings(chain)["variable_type"] == "env_var"
    pyinfra.deploy("ci_variables", "-y")
    assert len(changes(chain, before)) == 1


def test_a_file_may_be_wanted(chain: Lab, pyinfra: Pyinfra) -> None:
    before = now(chain)
    code, output = pyinfra.deploy("ci_variables", "-y", DATA, f"ci_variables_files={PG}")
    assert code == 0, output
    assert changes(chain, before) == [(f"PUT {COLLECTION}/{PG}", {"variable_type": "file"})]


def test_a_file_that_is_none_of_the_variables_is_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y", DATA, "ci_variables_files=KUBE")
    assert code == 1
    assert "ci_variables_files names KUBE, which is not in ci_variables" in output
    assert lab.requests() == []


@pytest.mark.parametrize("value", ["perhaps", "7"])
def test_protection_that_is_none_is_refused(lab: Lab, pyinfra: Pyinfra, value: str) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y", DATA, f"ci_variables_protected={value}")
    assert code == 1
    assert "ci_variables_protected is true or false" in output
    assert lab.requests() == []


def test_protection_is_left_as_it_is_where_the_branch_has_it(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    project.variables.update(PG, {"protected": True})
    before = now(chain)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    assert changes(chain, before) == []
    code, output = pyinfra.deploy("ci_variables", "-y", DATA, "ci_variables_protected=true")
    assert code == 0, output
    assert all(v["protected"] for v in chain.project()["variables"] if v["masked"])
    assert len(changes(chain, before)) == 5


@pytest.mark.parametrize("arguments", [("--dry",), ("-y",)])
@pytest.mark.parametrize("wanted", ["as it is", "true"])
def test_what_the_branch_would_not_get_is_refused_before_anything_is_sent(
    lab: Lab, pyinfra: Pyinfra, project: Project, wanted: str, arguments: tuple[str, ...]
) -> None:
    project.variables.update(PG, {"protected": True})
    project.protectedbranches.delete("development")
    before = now(lab)
    data = [] if wanted == "as it is" else [DATA, f"ci_variables_protected={wanted}"]
    code, output = pyinfra.deploy("ci_variables", *arguments, *data)
    assert code == 1
    assert f"{PG}: a protected variable" in output or f", {PG}" in output or f"{PG}, " in output
    assert "does not reach jobs of development, which is no protected branch" in output
    assert "Traceback" not in output
    assert changes(lab, before) == []
    project.protectedbranches.create({"name": "dev*"})  # A wildcard is enough.
    code, output = pyinfra.deploy("ci_variables", *arguments, *data)
    assert code == 0, output


def test_protection_is_taken_off_where_that_is_wanted(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    project.variables.update(PG, {"protected": True})
    project.protectedbranches.delete("development")
    before = now(chain)
    code, output = pyinfra.deploy("ci_variables", "-y", DATA, "ci_variables_protected=false")
    assert code == 0, output
    assert changes(chain, before) == [(f"PUT {COLLECTION}/{PG}", {"protected": False})]
    assert settings(chain)["protected"] is False


def test_variables_from_above_with_the_same_key_are_named_and_left_alone(
    chain: Lab, pyinfra: Pyinfra, colleague: gitlab.Gitlab
) -> None:
    value = "of-somebody-else-4711"
    colleague.http_post("/groups/comdare/variables", post_data={"key": KAFKA, "value": value})
    colleague.http_post("/groups/comdare/variables", post_data={"key": "ELSE", "value": value})
    colleague.variables.create({"key": PG, "value": value})
    above = chain.project()["variables_above"]
    before = now(chain)
    for arguments in (("--dry", "-vvv"), ("-y",)):
        code, output = pyinfra.deploy("ci_variables", *arguments)
        assert code == 0, output
        assert f"{KAFKA} exists in group comdare, too: the project's wins" in output
        assert f"{PG} exists in the instance, too: the project's wins" in output
        assert value not in output
    assert changes(chain, before) == []
    assert chain.project()["variables_above"] == above


def test_a_scope_with_a_wildcard_meets_those_of_the_groups_that_it_covers(
    chain: Lab, pyinfra: Pyinfra, colleague: gitlab.Gitlab
) -> None:
    for scope in ("production/eu", "review", "*"):
        body = {"key": KAFKA, "value": "of-somebody-else-4711", "environment_scope": scope}
        colleague.http_post("/groups/comdare/variables", post_data=body)
    code, output = pyinfra.deploy(
        "ci_variables", "--dry", "--data", "ci_variables_scope=production/*"
    )
    assert code == 0, output
    both = "group comdare (production/eu) and in group comdare"
    assert f"{KAFKA} exists in {both}, too: the project's wins" in " ".join(output.split())


def test_groups_that_cannot_be_seen_are_said_and_stop_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    path = "/groups/comdare/variables"
    lab.fault(system="gitlab", method="GET", path=path, action="status", status=403, times=-1)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    assert "group comdare cannot be seen (403)" in output
    assert settings(lab, KAFKA)["masked"]


def test_the_overview_names_what_the_jobs_would_not_get(
    chain: Lab, pyinfra: Pyinfra, project: Project, colleague: gitlab.Gitlab
) -> None:
    project.variables.update(PG, {"protected": True})
    colleague.http_post("/groups/comdare/variables", post_data={"key": PG, "value": "of-others-47"})
    project.variables.update(KAFKA, {"variable_type": "file"})
    body = {"key": KAFKA, "value": "of-somebody-else-4711"}
    colleague.http_post("/groups/comdare/variables", post_data=body)
    chain.fault(system="gitlab", method="GET", path="/admin/ci/", action="status", status=403)
    _, output = pyinfra.deploy("overview", "-y")
    assert "protected, which" not in output
    assert f"of another type: {KAFKA}: ci_variables" in output
    assert f"{KAFKA} is in group comdare, too" in output
    assert "the instance cannot be seen (403)" in output
    project.protectedbranches.delete("development")
    _, output = pyinfra.deploy("overview", "-y")
    assert f"protected, which development is not: {PG}: ci_variables" in output
    text = f"{PG} is in group comdare, too: the project's is protected and does not reach the jobs"
    assert text in " ".join(output.split())
