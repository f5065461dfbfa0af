"""What deploys left, seen by other clients: python-gitlab, kubectl, and testinfra in the pod."""

import json
import shutil

import gitlab
import pytest
import testinfra
from cluster import Cluster
from lab_process import Lab, Pyinfra
from moments import RELAXED, TAGS

CONFIG = ("dedup-experiment-config", "-n", "databases")
JOB = ".local/state/detached/migration-requeue"


def seen(cluster: Cluster, *arguments: str) -> str:
    code, output, errors = cluster.kubectl("get", *arguments)
    assert code == 0, errors
    return output


def run(pyinfra: Pyinfra, name: str) -> None:
    code, output = pyinfra.deploy(name, "-y")
    assert code == 0, output


def test_the_runners_have_their_tags(lab: Lab, pyinfra: Pyinfra) -> None:
    run(pyinfra, "fix_tags")
    url, token = lab.environment["GITLAB_URL"], lab.environment["GITLAB_TOKEN"]
    with gitlab.Gitlab(url, token, ssl_verify=lab.environment["GITLAB_CA_FILE"]) as client:
        found = {number: set(client.runners.get(number).tag_list) for number in TAGS}
    assert found == TAGS


def test_the_enforcer_is_relaxed(lab: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    where = ("cronjob", "runner-tag-enforcer", "-n", "gitlab-runner", "-o")
    before = seen(cluster, *where, "jsonpath={.spec.schedule}")
    assert before == "* * * * *"
    run(pyinfra, "fix_tags")
    assert seen(cluster, *where, "jsonpath={.spec.schedule}") == RELAXED[0]
    assert seen(cluster, *where, "jsonpath={.spec.suspend}") in ("", "false")


def test_the_config_map_has_kafkas_settings(pyinfra: Pyinfra, cluster: Cluster) -> None:
    run(pyinfra, "kafka_config")
    document = seen(cluster, "configmap", *CONFIG, "-o", r"jsonpath={.data.config\.json}")
    [kafka] = [one for one in json.loads(document)["databases"] if one["system"] == "kafka"]
    assert (kafka["port"], kafka["user"], kafka["password"]) == (9094, "dedup-lab", "")


def test_kafka_has_no_super_users(lab: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.5)
    lab.fault(action="finish_job", job="experiment:kafka")
    pyinfra.environment["EVIDENCE_DIRECTORY"] = str(pyinfra.directory)
    field = r"jsonpath={.spec.kafka.config.super\.users}"
    where = ("kafka", "kafka-cluster", "-n", "kafka", "-o", field)
    assert seen(cluster, *where) == "User:ANONYMOUS"
    run(pyinfra, "revert_super_users")
    assert seen(cluster, *where) == ""


@pytest.mark.skipif(not shutil.which("kubectl"), reason="testinfra needs kubectl; CI installs it")
def test_the_migration_left_its_record_in_the_toolbox(
    lab: Lab, pyinfra: Pyinfra, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(pyinfra, "fix_tags")
    monkeypatch.setenv("KUBECONFIG", lab.environment["KUBECONFIG"])
    [pod] = [p for p in lab.state()["pods"] if "toolbox" in p]
    host = testinfra.get_host(f"kubectl://{pod}?namespace=gitlab")
    directory = f"{host.check_output('echo $HOME')}/{JOB}"
    assert host.file(f"{directory}/exit").content_string == "0\n"
    assert host.file(f"{directory}/log").contains("migrated")
    assert host.file(f"{directory}/command").mode == 0o600
