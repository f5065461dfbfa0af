"""Deploys and operations on Kubernetes objects, with a real API server."""

import json
from typing import Any

import pytest
from kafka_config_site import KEY, WANTED, kafka_of, wanted
from kubernetes_api import MERGE, Api
from lab_process import Lab, Pyinfra
from rbac_site import NAME, NAMESPACES, RBAC, REVIEWS, RULES, USER, WIDE
from real_kubernetes import RealKubernetes

CONFIG_MAP = "/api/v1/namespaces/databases/configmaps/dedup-experiment-config"
CRON_JOB = "@kubernetes/gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer"
CRON_JOB_PATH = "/apis/batch/v1/namespaces/gitlab-runner/cronjobs/runner-tag-enforcer"
KAFKA = "/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkas/kafka-cluster"


def read(api: Api, path: str) -> dict[str, Any]:
    answer = api.send("GET", path)
    assert answer.status == 200, answer.body
    return answer.body


def may(api: Api, verb: str, resource: str, namespace: str) -> bool:
    plural, _, below = resource.partition("/")
    asked = {"verb": verb, "resource": plural, "subresource": below, "namespace": namespace}
    spec = {"user": USER, "groups": ["system:serviceaccounts"], "resourceAttributes": asked}
    return bool(api.send("POST", REVIEWS, {"spec": spec}).body["status"]["allowed"])


@pytest.fixture
def bound_by_nothing(real: Api, lab: Lab) -> Api:
    """The site where nobody has bound the role, and it lacks rules."""
    path = f"{RBAC}/clusterrolebindings/{WIDE}"
    assert real.send("DELETE", path).status == 200
    role, rules = f"{RBAC}/clusterroles/{NAME}", {"rules": RULES[:1]}
    answer = real.send("PATCH", role, rules, MERGE, fieldManager="kubectl-edit")
    assert answer.status == 200, answer.body
    # The authorizer watches what is stored.
    lab.wait(lambda: not may(real, "get", "pods", "databases"))
    return real


def test_a_preview_of_rights_changes_nothing(
    bound_by_nothing: Api, there: Pyinfra, real_kubernetes: RealKubernetes
) -> None:
    before = len(real_kubernetes.mutations())
    code, output = there.deploy("experiment_rbac", "--dry", "-v")
    assert code == 0, output
    assert "would PATCH" in output
    assert real_kubernetes.mutations()[before:] == []
    assert not may(bound_by_nothing, "get", "secrets", "databases")


def test_rights_are_given_once(
    bound_by_nothing: Api, there: Pyinfra, real_kubernetes: RealKubernetes
) -> None:
    before = len(real_kubernetes.mutations())
    code, output = there.deploy("experiment_rbac", "-y")
    assert code == 0, output
    applied = real_kubernetes.mutations()[before:]
    assert len(applied) == 1 + len(NAMESPACES), output
    for namespace in NAMESPACES:
        for verb, resource in (("list", "pods"), ("create", "pods/exec"), ("get", "secrets")):
            assert may(bound_by_nothing, verb, resource, namespace), (verb, resource, namespace)
    assert not may(bound_by_nothing, "get", "secrets", "default")
    code, output = there.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert real_kubernetes.mutations()[before:] == applied


def test_the_config_map_of_kafka(
    lab: Lab, real: Api, there: Pyinfra, real_kubernetes: RealKubernetes
) -> None:
    old = read(real, CONFIG_MAP)["data"][KEY]
    before = len(real_kubernetes.mutations())
    code, output = there.deploy("kafka_config", "--dry")
    assert code == 0, output
    assert "port: 9092 -> 9094" in output
    assert real_kubernetes.mutations()[before:] == []
    code, output = there.deploy("kafka_config", "-y")
    assert code == 0, output
    new = read(real, CONFIG_MAP)["data"][KEY]
    assert new == wanted(old)
    assert {name: kafka_of(new)[name] for name in WANTED} == WANTED
    changed = real_kubernetes.mutations()[before:]
    assert len(changed) == 1
    assert changed[0].startswith(f"patch {CONFIG_MAP}")
    code, output = there.deploy("kafka_config", "-y")
    assert code == 0, output
    assert real_kubernetes.mutations()[before:] == changed


SCHEDULE = """
from ops.kubernetes import objects
objects.cron_job(name="Run it every five minutes", schedule={schedule!r}, suspend={suspend})
"""


def test_a_cron_job(real: Api, there: Pyinfra, real_kubernetes: RealKubernetes) -> None:
    deploy = there.write(SCHEDULE.format(schedule="*/5 * * * *", suspend=True))
    before = len(real_kubernetes.mutations())
    code, output = there.run(CRON_JOB, deploy, "--dry")
    assert code == 0, output
    assert 'schedule: "* * * * *" -> "*/5 * * * *"' in output
    assert real_kubernetes.mutations()[before:] == []
    for _ in range(2):
        code, output = there.run(CRON_JOB, deploy, "-y")
        assert code == 0, output
        assert len(real_kubernetes.mutations()[before:]) == 1
    spec = read(real, CRON_JOB_PATH)["spec"]
    assert (spec["schedule"], spec["suspend"]) == ("*/5 * * * *", True)


def test_a_schedule_that_the_api_refuses(
    real: Api, there: Pyinfra, real_kubernetes: RealKubernetes
) -> None:
    deploy = there.write(SCHEDULE.format(schedule="60 * * * *", suspend=False))
    before = len(real_kubernetes.mutations())
    code, output = there.run(CRON_JOB, deploy, "-y")
    assert code == 1, output
    assert "end of range (60) above maximum (59)" in output
    assert real_kubernetes.mutations()[before:] == []


def test_a_custom_resource_is_found_in_the_version_that_stays(real: Api, there: Pyinfra) -> None:
    host = "@kubernetes/kafka/kafkas.kafka.strimzi.io/kafka-cluster"
    code, output = there.run(host, "fact", "ops.kubernetes.facts.Object")
    assert code == 0, output
    assert '"apiVersion": "kafka.strimzi.io/v1"' in output
    assert "warns" not in output
    code, output = there.run(
        host.replace("kafkas.", "kafkas.v1beta2."), "fact", "ops.kubernetes.facts.Object"
    )
    assert code == 0, output
    assert output.count("Version v1beta2 of the Kafka API is deprecated") == 1


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ("kafkas.v9.kafka.strimzi.io", "The cluster serves kafkas of kafka.strimzi.io as v1"),
        ("cronjobs.v1beta1.batch", "The cluster serves cronjobs of batch as v1"),
        ("things.v1.example.com", "The cluster serves no API group example.com"),
    ],
)
def test_what_is_not_served(real: Api, there: Pyinfra, resource: str, words: str) -> None:
    code, output = there.run(
        f"@kubernetes/kafka/{resource}/kafka-cluster",
        *("fact", "ops.kubernetes.facts.Object", "--data", "may_be_missing=true"),
    )
    assert code == 1, output
    assert words in output


def test_a_refused_patch_shows_no_data_of_the_secret(real: Api, there: Pyinfra) -> None:
    data = read(real, "/api/v1/namespaces/kafka/secrets/dedup-lab")["data"]
    deploy = there.write(
        "from ops.kubernetes import objects\n"
        "objects.patch(name='Set it', patch={'data': {'other': 1}})\n"
    )
    code, output = there.run("@kubernetes/kafka/secrets/dedup-lab", deploy, "--dry")
    assert code == 1, output
    assert "422" in output
    assert not [value for value in data.values() if value[:16] in output]


def test_the_settings_of_all_of_the_site_fit_what_is_there(real: Api, there: Pyinfra) -> None:
    """What a job reads has the form that is known, also as the real server writes it."""
    hosts = {
        "@kubernetes/databases/configmaps/dedup-experiment-config": CONFIG_MAP,
        CRON_JOB: CRON_JOB_PATH,
        "@kubernetes/kafka/kafkas.kafka.strimzi.io/kafka-cluster": KAFKA,
    }
    for host, path in hosts.items():
        code, output = there.run(host, "fact", "ops.kubernetes.facts.Object")
        assert code == 0, output
        assert json.dumps(read(real, path)["metadata"]["uid"]) in output
