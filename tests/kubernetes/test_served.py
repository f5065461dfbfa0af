"""Which version of a custom resource is asked for: the one that the cluster serves."""

import pytest
from cluster import Cluster
from lab_process import Lab, Pyinfra

GROUP = "/apis/kafka.strimzi.io"
KAFKA = "@kubernetes/kafka/kafkas.kafka.strimzi.io/kafka-cluster"


def asked(lab: Lab) -> list[str]:
    return [r["path"] for r in lab.requests(system="kubernetes") if r["path"].startswith(GROUP)]


def read(pyinfra: Pyinfra, host: str) -> tuple[int, str]:
    return pyinfra.run(host, "fact", "ops.kubernetes.facts.Object")


@pytest.mark.parametrize(
    ("served", "used"),
    [(["v1beta2"], "v1beta2"), (["v1", "v1beta2"], "v1"), (["v1"], "v1")],
    ids=["Strimzi 0.48", "Strimzi 0.51", "Strimzi 1.0"],
)
def test_the_cluster_says_which_version_it_serves(
    lab: Lab, pyinfra: Pyinfra, served: list[str], used: str
) -> None:
    lab.fault(action="set", strimzi_versions=served)
    code, output = read(pyinfra, KAFKA)
    assert code == 0, output
    assert f'"apiVersion": "kafka.strimzi.io/{used}"' in output
    path = f"{GROUP}/{used}/namespaces/kafka/kafkas/kafka-cluster"
    assert asked(lab) == [GROUP, f"{GROUP}/{used}", path]


def test_a_version_that_is_not_served_is_named_with_those_that_are(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", strimzi_versions=["v1"])
    code, output = read(pyinfra, KAFKA.replace("kafkas.", "kafkas.v1beta2."))
    assert code == 1
    assert "404 Not Found. 404 page not found. The cluster serves kafkas of" in output
    assert (
        "kafka.strimzi.io as v1: write kafkas.kafka.strimzi.io, and the version is found" in output
    )
    assert "It does not exist" not in output


@pytest.mark.parametrize("version", ["", ".v1beta2"], ids=["discovered", "written"])
def test_what_no_version_has_is_an_error_and_not_a_missing_object(
    lab: Lab, pyinfra: Pyinfra, version: str
) -> None:
    lab.fault(action="set", strimzi_versions=[])
    host = KAFKA.replace("kafkas.", f"kafkas{version}.")
    code, output = pyinfra.run(
        host, "fact", "ops.kubernetes.facts.Object", "--data", "may_be_missing=true"
    )
    assert code == 1, output
    assert "The cluster serves no API group kafka.strimzi.io: is its operator installed?" in output


def test_an_object_that_does_not_exist_is_still_a_missing_one(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = read(pyinfra, KAFKA.replace("/kafka-cluster", "/other"))
    assert code == 1
    assert 'kafkas.kafka.strimzi.io "other" not found. It does not exist' in output


def test_the_jobs_go_on_with_strimzi_1_0(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", strimzi_versions=["v1"])
    code, output = pyinfra.deploy(
        "revert_super_users", "--dry", "-v", "--data", "evidence_required=false"
    )
    assert code == 0, output
    assert f"would PATCH {GROUP}/v1/namespaces/kafka/kafkas/kafka-cluster" in output
    assert {path for path in asked(lab) if "v1beta2" in path} == set()


def test_kubectl_finds_it_under_each_set_of_versions(lab: Lab, cluster: Cluster) -> None:
    for served, used in ((["v1beta2"], "v1beta2"), (["v1", "v1beta2"], "v1"), (["v1"], "v1")):
        lab.fault(action="set", strimzi_versions=served)
        code, output, errors = cluster.kubectl(
            "get", "kafka", "kafka-cluster", "-n", "kafka", "-o", "jsonpath={.apiVersion}",
            f"--cache-dir={cluster.home}/{'-'.join(served)}",
        )  # fmt: skip
        assert code == 0, errors
        assert output == f"kafka.strimzi.io/{used}"
