"""Other programs change something in GitLab, and the jobs converge: python-gitlab's, Ansible."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import TAGS
from pipeline_site import LIVE, now, sent, set_all_tags, statuses

PROJECT = "comdare/research/dedup-database-analysis"
KEY, OTHER = "DEDUP_PG_PASSWORD", "DEDUP_MARIADB_PASSWORD"
# community.general comes with the package `ansible`; both are installed where nothing else is.
PINNED = ("ansible==12.3.0", "python-gitlab==8.6.0")
INSTALL_SECONDS = 900


def converges(lab: Lab, pyinfra: Pyinfra, job: str, *arguments: str) -> list[str]:
    """Run a job, and once more; return what the first run has sent."""
    since = now(lab)
    code, output = pyinfra.deploy(job, "-y", *arguments)
    assert code == 0, output
    found = sent(lab, since)
    since = now(lab)
    code, output = pyinfra.deploy(job, "-y", *arguments)
    assert code == 0, output
    assert sent(lab, since) == []
    return found


def only_we_set_tags(lab: Lab) -> None:
    """All tags are there, and the enforcer, which might come between, is suspended."""
    lab.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": True}})
    set_all_tags(lab)


def variable(lab: Lab, key: str) -> dict[str, Any]:
    [found] = [v for v in lab.project()["variables"] if v["key"] == key]
    return dict(found)


def call(*command: str, **environment: str) -> str:
    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environment},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def configuration(lab: Lab, tmp_path: Path) -> Mapping[str, str]:
    """Where python-gitlab's program finds the server."""
    file = tmp_path / "python-gitlab.cfg"
    file.touch(mode=0o600)
    file.write_text(
        "[global]\ndefault = lab\n[lab]\n"
        f"url = {lab.environment['GITLAB_URL']}\n"
        f"private_token = {lab.environment['GITLAB_TOKEN']}\n"
        f"ssl_verify = {lab.environment['GITLAB_CA_FILE']}\n"
    )
    return {"PYTHON_GITLAB_CFG": str(file)}


PROGRAM = str(Path(sys.executable).with_name("gitlab"))


def test_tags_that_python_gitlabs_program_has_changed_come_back(
    lab: Lab, pyinfra: Pyinfra, configuration: Mapping[str, str]
) -> None:
    only_we_set_tags(lab)
    call(PROGRAM, "runner", "update", "--id", "11", "--tag-list", "debian", **configuration)
    assert lab.tags()[11] == {"debian"}
    assert converges(lab, pyinfra, "unblock_pipeline", "--limit", "runners") == ["PUT /runners/11"]
    assert lab.tags() == TAGS


def test_variables_that_python_gitlabs_program_has_changed_come_back(
    lab: Lab, pyinfra: Pyinfra, configuration: Mapping[str, str]
) -> None:
    converges(lab, pyinfra, "ci_variables")
    wanted = variable(lab, KEY)
    of = ("--project-id", "280", "--key")
    update = ("project-variable", "update", *of, KEY, "--value", "somebodys-value")
    call(PROGRAM, *update, **configuration)
    call(PROGRAM, "project-variable", "delete", *of, OTHER, **configuration)
    assert variable(lab, KEY) != wanted
    assert len(converges(lab, pyinfra, "ci_variables")) == 2
    assert variable(lab, KEY) == wanted
    assert variable(lab, OTHER)["masked"]


def test_a_pipeline_that_python_gitlabs_program_has_triggered_is_one_too_many(
    lab: Lab, pyinfra: Pyinfra, configuration: Mapping[str, str]
) -> None:
    create = ("project-pipeline", "create", "--project-id", "280", "--ref", "development")
    call(PROGRAM, *create, **configuration)
    assert max(lab.pipelines()) == LIVE + 1
    converges(lab, pyinfra, "pipelines")
    going_on = {"created", "pending", "running", "canceling"}
    active = {n for n in lab.pipelines() if going_on & set(statuses(lab, n).values())}
    assert len(active) == 1


@pytest.fixture
def ansible(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Ansible, in an environment of its own: nothing of it is a dependency of this project."""
    wanted = os.environ.get("TEST_ANSIBLE", "")
    if not wanted:
        pytest.skip("TEST_ANSIBLE is not set: .ci/run sets it, and Ansible is installed then")
    if Path(wanted).is_dir():  # an environment that has it already
        return str(Path(wanted) / "bin" / "ansible")
    directory = tmp_path_factory.mktemp("ansible") / "venv"
    for command in (
        [sys.executable, "-m", "venv", str(directory)],
        [str(directory / "bin" / "pip"), "install", "--quiet", *PINNED],
    ):
        subprocess.run(command, check=True, timeout=INSTALL_SECONDS)
    return str(directory / "bin" / "ansible")


def module(program: str, lab: Lab, home: Path, name: str, **arguments: Any) -> None:
    """Run one module of community.general on this machine."""
    given = {
        "api_url": lab.environment["GITLAB_URL"],
        "api_token": lab.environment["GITLAB_TOKEN"],
        "ca_path": lab.environment["GITLAB_CA_FILE"],
        **arguments,
    }
    output = call(
        program, "localhost", "-i", "localhost,", "-c", "local",
        "-e", f"ansible_python_interpreter={Path(program).with_name('python')}",
        "-m", f"community.general.{name}", "-a", json.dumps(given),
        HOME=str(home), ANSIBLE_LOCAL_TEMP=str(home), ANSIBLE_REMOTE_TEMP=str(home),
        LC_ALL="C.UTF-8",
    )  # fmt: skip
    assert "CHANGED" in output


@pytest.mark.long
def test_what_ansible_has_changed_comes_back(
    lab: Lab, pyinfra: Pyinfra, ansible: str, tmp_path: Path
) -> None:
    """One test, so that Ansible is installed once, whichever process runs it."""
    only_we_set_tags(lab)
    tags = ["debian", "extra", "x86_64"]
    runner = {"description": "pve1-linux-x86", "tag_list": tags, "owned": False}
    module(ansible, lab, tmp_path, "gitlab_runner", **runner)
    assert lab.tags()[11] == set(tags)
    approved = ("--limit", "runners", "--data", "allow_tag_removal=true")
    assert converges(lab, pyinfra, "unblock_pipeline", *approved) == ["PUT /runners/11"]
    assert lab.tags() == TAGS

    converges(lab, pyinfra, "ci_variables")
    wanted = variable(lab, KEY)
    changed = [{"name": KEY, "value": "somebodys-value", "masked": True}]
    given = {"project": PROJECT, "variables": changed}
    module(ansible, lab, tmp_path, "gitlab_project_variable", **given)
    assert variable(lab, KEY) != wanted
    assert len(converges(lab, pyinfra, "ci_variables")) == 1
    assert variable(lab, KEY) == wanted
