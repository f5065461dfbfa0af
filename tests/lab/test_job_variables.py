"""What a job of the practice site gets of CI/CD variables, and GitLab's rules for them."""

import gitlab
import pytest
from gitlab.v4.objects import Project
from lab_process import Lab

KEY, JOB = "DEDUP_KAFKA_PASSWORD", "experiment:kafka"
GROUPS = ("comdare", "comdare/research")


def is_let_in(lab: Lab, project: Project) -> bool:
    lab.fault(action="finish_job", job=JOB)
    text = project.jobs.get(lab.jobs(6936)[JOB]["id"]).trace().decode()
    return "SASL authentication error" not in text


def make(lab: Lab, project: Project, **settings: object) -> None:
    project.variables.create({"key": KEY, "value": lab.environment[KEY], **settings})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, True),
        ({"value": "another-password"}, False),
        ({"variable_type": "file"}, False),
        ({"protected": True}, True),
        ({"environment_scope": "production"}, False),
    ],
)
def test_a_job_logs_in_with_what_it_gets(
    lab: Lab, project: Project, settings: dict[str, object], expected: bool
) -> None:
    make(lab, project, **settings)
    assert is_let_in(lab, project) is expected


def test_a_protected_variable_does_not_reach_an_unprotected_branch(
    lab: Lab, project: Project
) -> None:
    make(lab, project, protected=True)
    project.protectedbranches.delete("development")
    assert not project.branches.get("development").protected
    assert not is_let_in(lab, project)


def test_the_nearest_group_wins_over_the_others_and_the_project_over_it(
    lab: Lab, python_gitlab: gitlab.Gitlab, project: Project
) -> None:
    python_gitlab.variables.create({"key": KEY, "value": lab.environment[KEY]})
    assert is_let_in(lab, project)
    for group in GROUPS:
        path = f"/groups/{group.replace('/', '%2F')}/variables"
        python_gitlab.http_post(path, post_data={"key": KEY, "value": "another-password"})
    lab.fault(action="commit", remote="gitlab", branch="development", files={".gitlab-ci.yml": CI})
    newest = max(lab.pipelines())
    lab.fault(action="finish_job", job=lab.jobs(newest)[JOB]["id"])
    trace = project.jobs.get(lab.jobs(newest)[JOB]["id"]).trace().decode()
    assert "SASL authentication error" in trace


@pytest.mark.parametrize(
    ("environment", "scope", "expected"),
    [
        ("production", "production", True),
        ("production", "prod*", True),
        ("production", "production/*", False),
        ("{name: production, action: prepare}", "production", True),
        ("review/$CI_COMMIT_REF_SLUG", "review/development", True),
        ("review/${CI_COMMIT_BRANCH}", "review/development", True),
        ("$AREA", "lab", True),
        ("lab$NOWHERE", "lab", True),
    ],
)
def test_a_job_of_an_environment_gets_what_is_for_it(
    lab: Lab, project: Project, environment: str, scope: str, expected: bool
) -> None:
    make(lab, project, environment_scope=scope)
    text = f"variables: {{AREA: lab}}\n{CI}  environment: {environment}\n"
    files = {".gitlab-ci.yml": text}
    lab.fault(action="commit", remote="gitlab", branch="development", files=files)
    job = lab.jobs(max(lab.pipelines()))[JOB]["id"]
    lab.fault(action="finish_job", job=job)
    trace = project.jobs.get(job).trace().decode()
    assert ("SASL authentication error" not in trace) is expected


CI = f"""\
"{JOB}":
  before_script: ['export KAFKA_PASSWORD="${{{KEY}}}"']
  script: [run]
"""


def test_protected_branches_are_names_and_wildcards(project: Project) -> None:
    names = {branch.name for branch in project.protectedbranches.list(get_all=True)}
    assert names == {"development", "master"}
    project.protectedbranches.create({"name": "release/*"})
    with pytest.raises(gitlab.GitlabCreateError, match="already exists") as caught:
        project.protectedbranches.create({"name": "release/*"})
    assert caught.value.response_code == 409
    project.protectedbranches.delete("release/*")
    with pytest.raises(gitlab.GitlabGetError, match="404"):
        project.protectedbranches.get("release/*")


def test_variables_of_groups_and_of_the_instance_have_the_same_rules(
    lab: Lab, python_gitlab: gitlab.Gitlab
) -> None:
    made = python_gitlab.variables.create({"key": "KEY", "value": "a-value", "protected": True})
    assert "environment_scope" not in made.attributes
    assert made.protected
    for body in ({"variable_type": "path"}, {"protected": "perhaps"}):
        with pytest.raises(gitlab.GitlabCreateError) as caught:
            python_gitlab.variables.create({"key": "OTHER", "value": "a-value", **body})
        assert caught.value.response_code == 400
    with pytest.raises(gitlab.GitlabHttpError, match="404 Group Not Found"):
        python_gitlab.http_get("/groups/nobody/variables")
    assert "a-value" not in str(lab.requests())
    assert "a-value" not in str(lab.state())
