"""deploys/verify_kafka_sasl.py: a job gets what is for its environment, as its login shows."""

from collections.abc import Mapping
from typing import Any

import gitlab
import pytest
from chain_site import CI, NAME, VARIABLE, verify
from gitlab.v4.objects import Project
from lab_process import Lab, Pyinfra

JOB = "experiment:kafka"
HIDDEN = ".passwords:\n"
OTHER = "a-password-of-others-4711"


def in_environment(lab: Lab, project: Project, environment: str, job: str = HIDDEN) -> None:
    """Have the jobs that get the passwords, or one of them, in an environment."""
    text = project.files.raw(CI, ref="development").decode()
    assert text.count(f"\n{job}") == 1
    new = text.replace(f"\n{job}", f"\n{job}  environment: {environment}\n")
    lab.fault(action="commit", remote="gitlab", branch="development", files={CI: new})


def scopes(lab: Lab, project: Project, values: Mapping[str, Any]) -> None:
    """Have the variable with these values by environment scope; `True` is the right one."""
    for made in project.variables.list(get_all=True):
        if made.key == NAME:
            filtered = {"environment_scope": made.environment_scope}
            project.variables.delete(NAME, filter=filtered)
    for scope, value in values.items():
        text = lab.environment[NAME] if value is True else value
        settings = {"key": NAME, "value": text, "masked": True, "environment_scope": scope}
        project.variables.create(settings)


def gets_in(lab: Lab, project: Project, job: str = JOB) -> bool:
    """Let the job of the newest pipeline end, and return whether Kafka has let it in."""
    newest = max(lab.pipelines())
    number = lab.jobs(newest)[job]["id"]
    lab.fault(action="finish_job", job=number)
    text = project.jobs.get(number).trace().decode()
    assert ("SASL authentication error" in text) is ("messages delivered" not in text)
    return "messages delivered" in text


def seen(pyinfra: Pyinfra, *arguments: str) -> tuple[bool, str]:
    code, found, output = verify(pyinfra, *arguments)
    assert code == (0 if found[VARIABLE][0] else 1), output
    assert OTHER not in output
    return found[VARIABLE]


def says(found: tuple[bool, str], text: str) -> bool:
    return "".join(text.split()) in found[1]


# the setting, environment of the jobs, values by scope -> whether they get in, what is seen
CASES: dict[str, tuple[str, str | None, dict[str, Any], bool, str]] = {
    "no job has one": (
        "production", None, {"production": True}, False,
        f"{NAME} (production) reaches no job: no job that uses it has an environment that this",
    ),
    "a wildcard is no name": (
        "production/*", None, {"production/*": True}, False,
        f"{NAME} (production/*) reaches no job: no job that uses it has an environment",
    ),
    "the name itself": (
        "production", "production", {"production": True}, True, f"{NAME} (production) is masked",
    ),
    "as a mapping": (
        "production", "{name: production, url: 'https://example.com'}", {"production": True},
        True, f"{NAME} (production) is masked",
    ),
    "below a wildcard": (
        "production/*", "production/eu", {"production/*": True}, True,
        f"{NAME} (production/*) is masked",
    ),
    "beside a wildcard": (
        "production/*", "production", {"production/*": True}, False, "reaches no job",
    ),
    "the most specific one wins": (
        "*", "production/eu", {"*": True, "production/*": OTHER}, False,
        f"{NAME} (production/*) has another value",
    ),
    "and a name over a wildcard": (
        "production/eu", "production/eu", {"production/eu": True, "production/*": OTHER}, True,
        "the project (production/*) has one, too, which is not used",
    ),
    "the name of the branch": (
        "review/*", "review/$CI_COMMIT_REF_SLUG", {"review/development": True}, True,
        f"{NAME} (review/development) is masked",
    ),
    "a variable of the file": (
        "lab", "$EXPERIMENT_AREA", {"lab": True}, True, f"{NAME} (lab) is masked",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_job_gets_what_is_for_its_environment(
    chain: Lab, pyinfra: Pyinfra, project: Project, case: str
) -> None:
    scope, environment, values, expected, text = CASES[case]
    scopes(chain, project, values)
    files = project.files.raw(CI, ref="development").decode()
    with_area = files.replace("\nvariables:\n", "\nvariables:\n  EXPERIMENT_AREA: lab\n")
    chain.fault(action="commit", remote="gitlab", branch="development", files={CI: with_area})
    if environment is not None:
        in_environment(chain, project, environment)
    found = seen(pyinfra, "--data", f"ci_variables_scope={scope}")
    assert found[0] is expected, found
    assert says(found, text), found
    assert gets_in(chain, project) is expected


def test_a_name_that_is_not_known_before_is_unknown_and_no_yes(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    in_environment(chain, project, "review/$TARGET_OF_SOMEBODY")
    assert seen(pyinfra)[0]  # What is for all environments reaches it, whatever its name is.
    scopes(chain, project, {"*": True, "production": OTHER})
    assert seen(pyinfra)[0]  # That is none of these.
    scopes(chain, project, {"*": True, "review/a": True})
    found = seen(pyinfra)
    assert not found[0]
    assert says(found, "unknown what")
    assert says(found, "(of environment review/*) get: that name has variables")


def test_each_job_that_uses_it_has_to_get_it(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    in_environment(chain, project, "production", f"{JOB}:\n")
    scopes(chain, project, {"production": True})
    found = seen(pyinfra, "--data", "ci_variables_scope=production")
    assert not found[0]
    assert says(found, f"(of no environment): they get no {NAME}")
    assert says(found, f"{NAME} (production) is masked")
    assert says(found, f"for {JOB} (of environment production)")
    assert gets_in(chain, project)
    project.variables.create({"key": NAME, "value": chain.environment[NAME], "masked": True})
    assert seen(pyinfra)[0]


def test_of_two_wildcards_none_comes_first(
    chain: Lab, pyinfra: Pyinfra, project: Project, colleague: gitlab.Gitlab
) -> None:
    in_environment(chain, project, "production/eu")
    scopes(chain, project, {"production/*": True, "*/eu": OTHER})
    found = seen(pyinfra, "--data", "ci_variables_scope=production/*")
    assert not found[0]
    assert says(found, f"{NAME} (*/eu) has another value")


def test_a_configuration_that_is_not_understood_is_unknown(
    chain: Lab, pyinfra: Pyinfra, project: Project
) -> None:
    text = project.files.raw(CI, ref="development").decode()
    broken = f"{text}\nfurther:\n  extends: .nowhere\n  script: [run]\n"
    chain.fault(action="commit", remote="gitlab", branch="development", files={CI: broken})
    found = seen(pyinfra)
    assert not found[0]
    assert says(found, f"unknown which jobs use {NAME}: ")
