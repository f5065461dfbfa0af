"""The lab's Kafka: logins, topics and programs of the broker's pod."""

import base64

import pytest
from cluster import Cluster
from lab_kafka import BROKER, JAVA, KAFKA, WITHOUT, settled
from lab_process import Lab
from moments import wait_for

BOOTSTRAP = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local"
INVALID = "invalid credentials with SASL mechanism SCRAM-SHA-512"


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
    program = [*JAVA, "kafka-broker-api-versions.sh", "--bootstrap-server", server]
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
        ("9093", {}, "OutOfMemoryError: Java heap space"),
        ("9095", {}, "could not be established. Node may not be available."),
        ("9094", {"sasl_mechanism": "PLAIN"}, "enabled mechanisms are [SCRAM-SHA-512]"),
        ("9094", {"security_protocol": "PLAINTEXT"}, "Request METADATA failed on brokers ["),
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
    program = (*JAVA, "kafka-broker-api-versions.sh", "--bootstrap-server", "localhost:9092")
    code, output, errors = cluster.kubectl("exec", "-n", "kafka", BROKER, "--", *program)
    assert code == 0, errors
    assert "Produce(0): 0 to 13" in output


def offsets(cluster: Cluster, time: str) -> dict[str, int]:
    program = [*JAVA, "kafka-get-offsets.sh", "--bootstrap-server", "localhost:9092"]
    arguments = [*program, "--topic", "dedup-lab-.*", "--time", time]
    code, output, errors = cluster.execute("kafka", BROKER, arguments)
    assert code == 0, errors
    lines = [line.rpartition(":") for line in output.split()]
    return {partition: int(offset) for partition, _, offset in lines}


def test_offsets_leave_out_partitions_without_a_newer_message(lab: Lab, cluster: Cluster) -> None:
    before = offsets(cluster, "latest")
    assert len(before) == 6
    assert offsets(cluster, "0") == {}
    lab.fault(action="finish_job", job="experiment:kafka")
    after = offsets(cluster, "latest")
    grown = {partition for partition, offset in after.items() if offset > before[partition]}
    topics = ("dedup-lab-events", "dedup-lab-metrics")
    assert grown == {f"{topic}:{partition}" for topic in topics for partition in (0, 1)}
    assert offsets(cluster, "0") == {partition: before[partition] for partition in grown}
    assert set(offsets(cluster, "earliest").values()) == {0}


def test_who_has_no_rights_sees_no_topic(lab: Lab, cluster: Cluster) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.2)
    cluster.patch(*KAFKA, WITHOUT)
    wait_for(lambda: settled(lab, 2))
    program = [*JAVA, "kafka-get-offsets.sh", "--bootstrap-server", "localhost:9092"]
    code, output, errors = cluster.execute("kafka", BROKER, program)
    assert (code, output) == (1, "")
    assert "Could not match any topic-partitions" in errors


def test_a_program_has_no_room_for_the_heap_of_a_broker(cluster: Cluster) -> None:
    program = ["kafka-broker-api-versions.sh", "--bootstrap-server", "localhost:9092"]
    code, output, errors = cluster.execute("kafka", BROKER, program)
    assert (code, output) == (1, "")
    assert "There is insufficient memory for the Java Runtime Environment" in errors
    assert errors.endswith("\n\n")
