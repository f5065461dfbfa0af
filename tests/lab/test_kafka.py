"""Kafka on the practice site: Strimzi's operator, the listeners and their client."""

import base64
from typing import Any

import pytest
from cluster import JSON_PATCH, Cluster, Refused
from lab_process import Lab
from moments import wait_for

KAFKA = ("kafkas", "kafka", "kafka-cluster")
BROKER = "kafka-cluster-kafka-0"
BOOTSTRAP = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local"
WITHOUT = {"spec": {"kafka": {"config": {"super.users": None}}}}
WITH = {"spec": {"kafka": {"config": {"super.users": "User:ANONYMOUS"}}}}
INVALID = "invalid credentials with SASL mechanism SCRAM-SHA-512"


def conditions(kafka: dict[str, Any]) -> list[str]:
    return [c["type"] for c in kafka["status"]["conditions"] if c["status"] == "True"]


def settled(lab: Lab, generation: int) -> bool:
    kafka = lab.state()["kafka"]
    return kafka["observedGeneration"] == generation and kafka["ready"]


def test_the_operator_rolls_the_brokers_and_reports_the_new_generation(
    lab: Lab, cluster: Cluster
) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.6)
    before, pods = cluster.get(*KAFKA), lab.state()["pods"]
    assert before["status"]["observedGeneration"] == before["metadata"]["generation"] == 1
    patched = cluster.patch(*KAFKA, WITHOUT)
    assert patched["metadata"]["generation"] == 2
    assert patched["status"]["observedGeneration"] == 1
    wait_for(lambda: conditions(cluster.get(*KAFKA)) == ["NotReady"])
    assert cluster.get(*KAFKA)["status"]["observedGeneration"] == 1
    wait_for(lambda: settled(lab, 2))
    after = lab.state()
    assert after["kafka"]["super_users"] == []
    brokers = [name for name in after["pods"] if name.startswith("kafka-cluster-kafka-")]
    assert len(brokers) == 3
    assert not [name for name in brokers if pods[name]["uid"] == after["pods"][name]["uid"]]
    expected = before["spec"]
    del expected["kafka"]["config"]["super.users"]
    assert cluster.get(*KAFKA)["spec"] == expected


def test_a_dry_run_and_a_label_do_not_touch_the_generation(lab: Lab, cluster: Cluster) -> None:
    shown = cluster.patch(*KAFKA, WITHOUT, dryRun="All")
    assert "super.users" not in shown["spec"]["kafka"]["config"]
    cluster.patch(*KAFKA, {"metadata": {"labels": {"team": "dedup"}}})
    assert lab.state()["kafka"]["generation"] == 1
    assert lab.state()["kafka"]["super_users"] == ["User:ANONYMOUS"]


def test_a_generation_without_anonymous_never_becomes_ready(lab: Lab, cluster: Cluster) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.2, kafka_never_ready=True)
    cluster.patch(*KAFKA, WITHOUT)
    wait_for(lambda: lab.state()["kafka"]["observedGeneration"] == 2)
    status = cluster.get(*KAFKA)["status"]
    assert conditions({"status": status}) == ["NotReady"]
    assert status["conditions"][0]["reason"] == "TimeoutException"
    cluster.patch(*KAFKA, WITH)
    wait_for(lambda: settled(lab, 3))


def test_a_write_to_the_object_leaves_the_status(cluster: Cluster) -> None:
    kafka = cluster.get(*KAFKA)
    wanted = {**kafka, "status": {"conditions": []}}
    assert cluster.request("PUT", cluster.path(*KAFKA), wanted)["status"] == kafka["status"]
    status = {"status": {"clusterId": "other"}}
    path = f"{cluster.path(*KAFKA)}/status"
    changed = cluster.request("PATCH", path, status, "application/merge-patch+json")
    assert changed["status"]["clusterId"] == "other"
    assert changed["metadata"]["generation"] == 1


def test_an_update_of_a_custom_resource_needs_its_version(cluster: Cluster) -> None:
    kafka = cluster.get(*KAFKA)
    del kafka["metadata"]["resourceVersion"]
    with pytest.raises(Refused, match="must be specified for an update") as caught:
        cluster.request("PUT", cluster.path(*KAFKA), kafka)
    assert caught.value.code == 422
    with pytest.raises(Refused, match="unknown format") as caught:
        cluster.patch(*KAFKA, WITH, "application/strategic-merge-patch+json")
    assert caught.value.code == 415


def test_a_json_patch_with_a_test(lab: Lab, cluster: Cluster) -> None:
    path = "/spec/kafka/config/super.users"
    remove = {"op": "remove", "path": path}
    with pytest.raises(Refused) as caught:
        test = {"op": "test", "path": path, "value": "User:other"}
        cluster.patch(*KAFKA, [test, remove], JSON_PATCH)
    assert (caught.value.code, caught.value.status["reason"]) == (422, "Invalid")
    assert str(caught.value) == "the server rejected our request due to an error in our request"
    assert lab.state()["kafka"]["generation"] == 1
    cluster.patch(
        *KAFKA, [{"op": "test", "path": path, "value": "User:ANONYMOUS"}, remove], JSON_PATCH
    )
    assert lab.state()["kafka"]["super_users"] == []


def test_a_json_pointer_with_escapes(cluster: Cluster) -> None:
    add = {"op": "add", "path": "/metadata/annotations/example.com~1note~0", "value": "x"}
    annotations = cluster.patch(*KAFKA, [add], JSON_PATCH)["metadata"]["annotations"]
    assert annotations["example.com/note~"] == "x"


def client(
    cluster: Cluster, server: str, password: str | None, **changes: str
) -> tuple[int, str, str]:
    """Run Kafka's program in a broker pod, with its configuration on stdin."""
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    properties = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": f'{module} required username="dedup-lab" password="{password}";',
    }
    properties = {} if password is None else properties
    properties |= {name.replace("_", "."): value for name, value in changes.items()}
    text = "".join(f"{name}={value}\n" for name, value in properties.items())
    program = ["kafka-broker-api-versions.sh", "--bootstrap-server", server]
    arguments = [*program, "--command-config", "/dev/stdin"]
    return cluster.execute("kafka", BROKER, arguments, text or "\n")


@pytest.fixture
def password(cluster: Cluster) -> str:
    secret = cluster.get("secrets", "kafka", "dedup-lab")["data"]
    password = base64.b64decode(secret["password"]).decode()
    assert f'password="{password}";' in base64.b64decode(secret["sasl.jaas.config"]).decode()
    return password


def test_a_login_with_the_right_and_with_a_wrong_password(
    lab: Lab, cluster: Cluster, password: str
) -> None:
    code, output, errors = client(cluster, f"{BOOTSTRAP}:9094", password)
    assert code == 0, errors
    assert output.startswith(f"{BROKER}.kafka-cluster-kafka-brokers.kafka.svc:9094 (id: 0 rack: nu")
    assert output.count(" -> (\n") == 3
    code, output, errors = client(cluster, f"{BOOTSTRAP}:9094", "wrong")
    assert (code, output) == (1, "")
    assert (
        f"SaslAuthenticationException: Authentication failed during authentication due to {INVALID}"
        in errors
    )
    state = lab.state()["kafka"]
    logins = [(login["user"], login["listener"], login["success"]) for login in state["logins"]]
    assert logins == [("dedup-lab", 9094, True), ("dedup-lab", 9094, False)]
    assert password not in str(state)
    assert "wrong" not in str(state)


def test_a_login_is_checked_against_the_current_password(cluster: Cluster, password: str) -> None:
    new = base64.b64encode(b"another-password-of-16").decode()
    cluster.patch("secrets", "kafka", "dedup-lab", {"data": {"password": new}})
    assert client(cluster, f"{BOOTSTRAP}:9094", password)[0] == 1
    assert client(cluster, f"{BOOTSTRAP}:9094", "another-password-of-16")[0] == 0


@pytest.mark.parametrize(
    ("server", "changes", "message"),
    [
        ("9092", {}, "IllegalSaslStateException: Unexpected handshake request with client"),
        ("9093", {}, "RuntimeException: Request METADATA failed on brokers List("),
        ("9095", {}, "could not be established. Node may not be available."),
        ("9094", {"sasl_mechanism": "PLAIN"}, "enabled mechanisms are [SCRAM-SHA-512]"),
        ("9094", {"security_protocol": "PLAINTEXT"}, "Request METADATA failed on brokers List("),
    ],
)
def test_a_login_where_there_is_none(
    cluster: Cluster, password: str, server: str, changes: dict[str, str], message: str
) -> None:
    code, output, errors = client(cluster, f"{BOOTSTRAP}:{server}", password, **changes)
    assert (code, output) == (1, "")
    assert message in errors


def test_an_unknown_host_and_a_client_without_credentials(cluster: Cluster) -> None:
    code, _, errors = client(cluster, "kafka.example:9094", None)
    assert code == 1
    assert "No resolvable bootstrap urls given in bootstrap.servers" in errors
    assert client(cluster, "localhost:9092", None)[0] == 0


def test_kubectl_knows_kafka(cluster: Cluster) -> None:
    code, output, errors = cluster.kubectl("get", "kafkas,kafkausers", "-n", "kafka", "-o", "name")
    assert code == 0, errors
    assert output.split() == [
        "kafka.kafka.strimzi.io/kafka-cluster",
        "kafkauser.kafka.strimzi.io/dedup-lab",
    ]
    program = ("kafka-broker-api-versions.sh", "--bootstrap-server", "localhost:9092")
    code, output, errors = cluster.kubectl("exec", "-n", "kafka", BROKER, "--", *program)
    assert code == 0, errors
    assert "Produce(0): 0 to 11" in output
