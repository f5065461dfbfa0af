"""The jobs about Kafka from end to end: three real brokers behind the practice site's API.

The API, its exec and Strimzi are the practice site's; what runs in a broker's pod are Kafka's own
programs, and they ask the real brokers. The test restarts these where Strimzi would.
"""

from collections.abc import Callable
from typing import Any

import pytest
from chain_site import LOGIN, NAME, verify
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for
from real_kafka import ANONYMOUS, USER, RealKafka, Rights
from real_kafka_site import TOPICS, endpoint, middle_of_the_job, produce
from super_users_site import REFUSED, change, log

pytestmark = [pytest.mark.real, pytest.mark.site]

ALL, NONE = Rights([ANONYMOUS]), Rights()


@pytest.fixture
def kafka(start: Callable[..., RealKafka], lab: Lab, pyinfra: Pyinfra) -> RealKafka:
    """Three real brokers, to which the Kafka resource of the practice site leads."""
    kafka = start(nodes=3, rights=ALL, users={USER: lab.environment[NAME]})
    lab.fault(action="set", kafka_roll_seconds=0.2)
    port = kafka.port
    scram = {"type": "scram-sha-512"}
    listeners: list[dict[str, Any]] = [
        {"name": "plain", "port": port["PLAIN"], "tls": False},
        {"name": "scram", "port": port["SCRAM"], "tls": False, "authentication": scram},
    ]
    change(lab, listeners=[{**listener, "type": "internal"} for listener in listeners])
    pyinfra.environment["KAFKA_BIN"] = kafka.programs
    pyinfra.environment["KAFKA_READY_SECONDS"] = str(LIMIT)  # Brokers are restarted meanwhile.
    pyinfra.environment["EVIDENCE_DIRECTORY"] = str(pyinfra.directory / "evidence")
    return kafka


def test_the_chain_ends_with_a_login_at_each_broker(kafka: RealKafka, pyinfra: Pyinfra) -> None:
    _, found, output = verify(pyinfra, *endpoint(kafka))
    address = kafka.address("SCRAM")
    assert found[LOGIN] == (True, f"{USER}at{address}:3of3brokersanswered"), output
    kafka.halt(2)
    _, found, output = verify(pyinfra, *endpoint(kafka))
    assert found[LOGIN] == (False, "2of3brokersanswered"), output


def test_rights_are_gone_when_each_broker_was_restarted(
    kafka: RealKafka, lab: Lab, pyinfra: Pyinfra
) -> None:
    for topic in TOPICS:
        kafka.do("kafka-topics.sh", "--create", "--topic", topic)
    log(lab, "experiment:kafka", f"Kafka producer ready ({kafka.address('SCRAM')}, user={USER})")
    time = middle_of_the_job(lab)
    for topic in TOPICS:
        produce(kafka, topic, time)

    lab.fault(action="set", kafka_stuck=True)  # until the brokers are restarted
    generation = lab.state()["kafka"]["generation"]
    arguments = ["inventory.py", "deploys/revert_super_users.py", "-y", *endpoint(kafka)]
    process = pyinfra.start(*arguments)
    wait_for(lambda: process.poll() is not None or is_changed(lab, generation))
    for number in (0, 1):  # and the third one is forgotten
        kafka.restart(number, NONE)
    lab.fault(action="set", kafka_stuck=False)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert f"; messages that arrived: {TOPICS[0]}: 5, {TOPICS[1]}: 5" in output
    assert output.count(REFUSED) == 2, output
    assert "broker 2: anonymous clients have ALL rights" in output

    kafka.restart(2, NONE)
    code, output = pyinfra.run(*arguments)
    assert code == 0, output
    assert output.count(REFUSED) == 3, output
    assert lab.state()["kafka"]["generation"] == generation + 1


def is_changed(lab: Lab, generation: int) -> bool:
    return bool(lab.state()["kafka"]["generation"] > generation)
