"""deploys/verify_kafka_sasl.py: the variable that a job really gets, as the job's login shows."""

import gitlab
import pytest
from chain_site import LOGIN, NAME, VARIABLE, verify
from gitlab.v4.objects import Project
from lab_process import Lab, Pyinfra

JOB = "experiment:kafka"
GROUP, NEAREST = "comdare", "comdare/research"
OTHER = "a-password-of-others-4711"


def job_logs_in(lab: Lab, project: Project) -> bool:
    """Let the job end of which the log shows it, and return whether it has brought something."""
    lab.fault(action="finish_job", job=JOB)
    job = project.jobs.get(lab.jobs(6936)[JOB]["id"])
    text = job.trace().decode()
    assert ("SASL authentication error" in text) is ("messages delivered" not in text)
    return "messages delivered" in text


def seen(pyinfra: Pyinfra) -> tuple[bool, str]:
    """What is said of the variable; a login with the Secret's password works all the time."""
    code, found, output = verify(pyinfra, "-vvv")
    assert code == (0 if found[VARIABLE][0] else 1), output
    assert found[LOGIN][0], output
    assert OTHER not in output
    return found[VARIABLE]


def says(found: tuple[bool, str], *texts: str) -> bool:
    return all("".join(text.split()) in found[1] for text in texts)


def test_a_job_gets_in_with_the_variable_as_it_should_be(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    found = seen(pyinfra)
    assert found[0]
    assert says(found, f"{NAME} (*) is masked, secret:")
    assert job_logs_in(chain, project)


def test_of_a_file_variable_a_job_gets_a_path(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    project.variables.update(NAME, {"variable_type": "file"})
    found = seen(pyinfra)
    assert not found[0]
    assert says(found, f"{NAME} (*) is of type file: a job gets a path in its place")
    assert not job_logs_in(chain, project)


def test_a_protected_variable_reaches_a_protected_branch_alone(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    project.variables.update(NAME, {"protected": True})
    assert seen(pyinfra)[0]
    project.protectedbranches.delete("development")
    found = seen(pyinfra)
    assert not found[0]
    assert says(found, f"{NAME} (*) is protected, and development is no protected branch")
    project.protectedbranches.create({"name": "dev*"})
    assert seen(pyinfra)[0]
    project.protectedbranches.delete("dev*")
    assert not job_logs_in(chain, project)


def test_where_nothing_is_protected_nobody_asks_for_the_branches(
    chain: Lab, pyinfra: Pyinfra
) -> None:
    assert seen(pyinfra)[0]
    assert not [r for r in chain.requests() if r["path"].endswith("/protected_branches")]


def test_the_projects_variable_wins_and_the_others_are_named(
    chain: Lab, pyinfra: Pyinfra, project: Project, colleague: gitlab.Gitlab
) -> None:
    for group in (GROUP, NEAREST):
        body = {"key": NAME, "value": OTHER, "masked": True}
        colleague.http_post(f"/groups/{group.replace('/', '%2F')}/variables", post_data=body)
    colleague.variables.create({"key": NAME, "value": OTHER})
    found = seen(pyinfra)
    assert found[0]
    for level in (f"group {NEAREST}", f"group {GROUP}", "the instance"):
        assert says(found, f"{level} has one, too, which is not used")
    assert job_logs_in(chain, project)


def test_a_job_gets_the_groups_where_the_projects_does_not_reach_it(
    chain: Lab, pyinfra: Pyinfra, project: Project, colleague: gitlab.Gitlab
) -> None:
    project.variables.update(NAME, {"protected": True})
    project.protectedbranches.delete("development")
    group = colleague.http_post
    group(f"/groups/{GROUP}/variables", post_data={"key": NAME, "value": OTHER, "masked": True})
    found = seen(pyinfra)
    assert not found[0]
    assert says(found, f"{NAME} (*) of group {GROUP} has another value: secret:")
    assert says(
        found,
        "the project has one, too, which is protected, and development is no protected branch",
    )
    assert not job_logs_in(chain, project)


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("path", ["/groups/comdare/variables", "/admin/ci/variables"])
def test_what_cannot_be_seen_is_not_taken_for_nothing(
    chain: Lab, pyinfra: Pyinfra, path: str, status: int
) -> None:
    chain.fault(system="gitlab", method="GET", path=path, action="status", status=status, times=-1)
    level = "group comdare" if "groups" in path else "the instance"
    found = seen(pyinfra)
    assert found[0]  # The project's wins, whatever there is.
    assert says(found, f"{level} cannot be seen ({status})")


def test_a_pipeline_with_a_password_of_its_own_is_named(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    variables = [{"key": NAME, "value": OTHER}]
    made = project.pipelines.create({"ref": "development", "variables": variables})
    found = seen(pyinfra)
    assert not found[0]
    assert says(found, f"pipeline {made.id} has its own, which wins there: another password")
    job = chain.jobs(made.id)[JOB]["id"]
    chain.fault(action="finish_job", job=job)
    assert "SASL authentication error" in project.jobs.get(job).trace().decode()


def test_a_schedule_of_the_branch_with_a_password_of_its_own_is_named(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    values = {"night": OTHER, "noon": chain.environment[NAME]}
    for name, value in values.items():
        settings = {"description": name, "ref": "development", "cron": "0 1 * * *"}
        made = project.pipelineschedules.create(settings)
        made.variables.create({"key": NAME, "value": value})
    elsewhere = {"description": "elsewhere", "ref": "master", "cron": "0 1 * * *"}
    project.pipelineschedules.create(elsewhere).variables.create({"key": NAME, "value": OTHER})
    found = seen(pyinfra)
    assert not found[0]
    assert says(found, "schedule night has its own, which wins there: another password")
    assert says(found, "schedule noon has its own, which wins there")
    assert not says(found, "noon has its own, which wins there: another")
    assert not says(found, "elsewhere")


def test_schedules_that_cannot_be_seen_are_said(chain: Lab, pyinfra: Pyinfra) -> None:
    path = "/pipeline_schedules$"
    chain.fault(system="gitlab", method="GET", path=path, action="status", status=403, times=-1)
    found = seen(pyinfra)
    assert found[0]
    assert says(found, "schedules cannot be seen (403)")
