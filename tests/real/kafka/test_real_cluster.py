"""The jobs about Kafka with all that they ask real: brokers, their programs, the API server, exec.

GitLab is the practice site's, the node and Strimzi's operator are stand-ins of ours; the test
restarts the brokers where Strimzi would.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chain_site import LOGIN, NAME, SECRET, verify
from kubernetes_api import MERGE, Api
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for
from real_cluster import KAFKA, change_kafka
from real_kafka import ANONYMOUS, USER, RealKafka, Rights
from real_kafka_site import TOPICS, endpoint, middle_of_the_job, produce
from real_kubernetes import RealKubernetes
from real_operator import Strimzi
from super_users_site import REFUSED, log

pytestmark = [
    pytest.mark.real,
    pytest.mark.site,
    # The older one has the same jobs behind the practice site's exec: test_real_jobs.py
    pytest.mark.parametrize("version", ["4.4.0"], indirect=True, scope="module"),
]

ALL, NONE = Rights([ANONYMOUS]), Rights()
SECRETS = "/api/v1/namespaces/kafka/secrets/dedup-lab"


@pytest.fixture
def kafka(
    start: Callable[..., RealKafka], lab: Lab, real_cluster: Api, pyinfra_there: Pyinfra
) -> RealKafka:
    """Three real brokers, to which the Kafka resource of the real cluster leads."""
    kafka = start(nodes=3, rights=ALL, users={USER: lab.environment[NAME]})
    port = kafka.port
    scram = {"type": "scram-sha-512"}
    listeners: list[dict[str, Any]] = [
        {"name": "plain", "port": port["PLAIN"], "tls": False},
        {"name": "scram", "port": port["SCRAM"], "tls": False, "authentication": scram},
    ]
    change_kafka(real_cluster, listeners=[{**one, "type": "internal"} for one in listeners])
    pyinfra_there.environment["KAFKA_BIN"] = kafka.programs
    pyinfra_there.environment["KAFKA_READY_SECONDS"] = str(LIMIT)
    pyinfra_there.environment["EVIDENCE_DIRECTORY"] = str(pyinfra_there.directory / "evidence")
    return kafka


@pytest.fixture
def brokers(kafka: RealKafka) -> list[int]:
    """Which of them the operator restarts when the Kafka resource has changed."""
    return [0, 1, 2]


@pytest.fixture
def strimzi(real_cluster: Api, kafka: RealKafka, brokers: list[int]) -> Iterator[Strimzi]:
    def roll(spec: dict[str, Any]) -> None:
        users = (spec.get("authorization") or {}).get("superUsers") or []
        for number in brokers:
            kafka.restart(number, Rights([f"User:{user}" for user in users]))

    strimzi = Strimzi(real_cluster, roll)
    yield strimzi
    strimzi.stop()


def is_ready(api: Api) -> bool:
    kafka = api.send("GET", KAFKA).body
    seen = kafka.get("status", {}).get("observedGeneration")
    return bool(seen == kafka["metadata"]["generation"])


def super_users(api: Api) -> Any:
    spec = api.send("GET", KAFKA).body["spec"]["kafka"]
    return (spec.get("authorization") or {}).get("superUsers")


def test_the_chain_ends_with_a_login_at_each_broker(
    kafka: RealKafka, real_cluster: Api, pyinfra_there: Pyinfra, real_nodes: RealKubernetes
) -> None:
    before = real_nodes.mutations()
    _, found, output = verify(pyinfra_there, *endpoint(kafka))
    address = kafka.address("SCRAM")
    assert found[LOGIN] == (True, f"{USER}at{address}:3of3brokersanswered"), output
    assert [m for m in real_nodes.mutations()[len(before) :] if "/exec?" not in m] == []

    # The user operator has another password than the brokers: Kafka's own refusal is shown.
    wrong = {"stringData": {"password": "another"}}
    assert real_cluster.send("PATCH", SECRETS, wrong, MERGE).status == 200
    _, found, output = verify(pyinfra_there, *endpoint(kafka))
    assert not found[LOGIN][0], output
    assert found[SECRET][0] is False, output


def test_rights_are_gone_when_the_operator_is_ready(
    kafka: RealKafka, strimzi: Strimzi, real_cluster: Api, lab: Lab, pyinfra_there: Pyinfra
) -> None:
    wait_for(lambda: is_ready(real_cluster))
    for topic in TOPICS:
        kafka.do("kafka-topics.sh", "--create", "--topic", topic)
    log(lab, "experiment:kafka", f"Kafka producer ready ({kafka.address('SCRAM')}, user={USER})")
    time = middle_of_the_job(lab)
    for topic in TOPICS:
        produce(kafka, topic, time)
    arguments = ["revert_super_users", "-y", *endpoint(kafka)]
    code, output = pyinfra_there.deploy(*arguments)
    assert code == 0, output
    assert f"; messages that arrived: {TOPICS[0]}: 5, {TOPICS[1]}: 5" in output
    assert output.count(REFUSED) == 3, output
    assert super_users(real_cluster) is None

    generation = real_cluster.send("GET", KAFKA).body["metadata"]["generation"]
    code, output = pyinfra_there.deploy(*arguments)
    assert code == 0, output
    assert real_cluster.send("GET", KAFKA).body["metadata"]["generation"] == generation
