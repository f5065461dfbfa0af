"""A job without a host to act on: called by name an error, as a part of the site a note."""

from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra

LEFT_OUT = "and --limit leaves out all of them: nothing was done"


@pytest.mark.parametrize(
    ("deploy", "limit", "groups"),
    [
        ("ci_variables", "runners", "project"),
        ("experiment_rbac", "operator", "experiment_role, experiment_role_bindings, cluster, proj"),
        ("fix_tags", "operator", "gitlab, enforcer, toolbox, enforcer_script, runners"),
        ("follow_experiment", "operator", "project"),
        ("kafka_config", "operator", "experiment_config, project"),
        ("overview", "project", "operator"),
        ("pipelines", "operator", "project"),
        ("restore_runners", "project", "gitlab, runners"),
        ("revert_super_users", "project", "operator, kafka"),
        ("sync_master", "project", "operator"),
        ("unblock_pipeline", "operator", "runners, project"),
        ("verify_kafka_sasl", "operator", "kafka_broker"),
        ("widen_changes_filter", "operator", "project"),
    ],
)
def test_a_job_whose_hosts_are_left_out_is_an_error_in_one_line(
    lab: Lab, pyinfra: Pyinfra, deploy: str, limit: str, groups: str
) -> None:
    code, output = pyinfra.deploy(deploy, "--dry", "--limit", limit)
    assert code == 1, output
    assert f"deploys/{deploy}.py acts on hosts of {groups}" in output
    assert output.count(LEFT_OUT) == 1
    assert "Traceback" not in output
    assert lab.mutations() == []


def test_within_the_site_it_is_a_note(lab: Lab, pyinfra: Pyinfra) -> None:
    limits = ("--limit", "operator", "--limit", "runner_pod")
    code, output = pyinfra.deploy("site", "--dry", *limits, "--data", "evidence_required=false")
    assert code == 0, output
    assert output.count(LEFT_OUT) == 9  # All but revert_super_users and sync_master.
    assert output.count("deploys/kafka_config.py acts on hosts of") == 1
    assert lab.mutations() == []


def test_a_site_of_which_no_job_acts_is_an_error(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("site", "--dry", "--limit", "runner_pod")
    assert code == 1, output
    assert output.count(LEFT_OUT) == 11
    assert output.count("no job has a host to act on, so nothing was done") == 1
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        ("@pod/a,", "hosts @pod/a,: a host has no name"),
        (",@gitlab", "hosts ,@gitlab: a host has no name"),
        ("@gitlab/runners/17,,@gitlab", "a host has no name"),
        ("@pod/gitlab/app=a,b=c", "hosts @pod/gitlab/app=a,b=c: b=c is no host. pyinfra ends each"),
        ("@pod/a,b", "'a' names no pod: write namespace/label=value[/container]"),
        ("@pod", "'' names no pod: write namespace/label=value[/container]"),
        ("@kubernetes/a,b/c", "'a' names no Kubernetes object: write namespace/resource/name"),
    ],
)
def test_a_comma_that_separates_no_hosts_is_named_before_anything_is_connected(
    lab: Lab, pyinfra: Pyinfra, hosts: str, words: str
) -> None:
    before = len(lab.requests())
    code, output = pyinfra.run(hosts, "exec", "--", "echo", "hello")
    assert code == 1, output
    assert words in output
    assert "Traceback" not in output
    assert len(lab.requests()) == before


def test_a_host_without_a_name_in_an_inventory_file_is_named(
    pyinfra: Pyinfra, tmp_path: Path
) -> None:
    file = tmp_path / "inventory.py"
    file.write_text('odd = ["@gitlab", ""]\n')
    code, output = pyinfra.run(str(file), "exec", "--", "echo", "hello")
    assert code == 1, output
    assert "a host of the group odd has an empty name: give it one" in output
    assert "Traceback" not in output


def test_an_inventory_without_such_hosts_is_told_from_a_limit(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run("@local", "deploys/pipelines.py", "--dry")
    assert code == 1, output
    text = "deploys/pipelines.py acts on hosts of project, and the inventory has none"
    assert output.count(text) == 1
