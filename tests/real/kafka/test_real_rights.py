"""What real brokers let clients without a login do, and what the product concludes from it."""

from collections.abc import Callable

import pytest
from pyinfra.api.host import Host
from real_kafka import ANONYMOUS, RealKafka, Rights

from ops.kafka.anonymous import Answer, answer

pytestmark = pytest.mark.real

ALL, NONE = Rights([ANONYMOUS]), Rights()
CASES = {
    "super user": (ALL, True),
    "no super user": (NONE, False),
    "a prefix too many": (Rights([f"User:{ANONYMOUS}"]), False),
    "what has no ACL is everybody's": (Rights(everyone=True), True),
    "no authorizer": (Rights(authorizer=False), True),
}


def asked(pod: Host, kafka: RealKafka, number: int = 0, listener: str = "PLAIN") -> Answer:
    condition = {"type": "Ready", "status": "True"}
    document = {
        "metadata": {"name": f"kafka-cluster-kafka-{number}"},
        "status": {"phase": "Running", "conditions": [condition]},
    }
    return answer(document, pod, kafka.port[listener], kafka.programs)


@pytest.mark.parametrize("case", CASES)
def test_whether_anonymous_clients_have_rights(
    start: Callable[..., RealKafka], pod: Host, case: str
) -> None:
    rights, expected = CASES[case]
    kafka = start(rights=rights)
    found = asked(pod, kafka)
    assert found.have_rights is expected, found
    assert found.where == "broker 0"
    # The other programs do not tell: these end with 0 whoever asks.
    for program in ("kafka-broker-api-versions.sh", "kafka-topics.sh"):
        kafka.do(program, *(["--list"] if "topics" in program else []))


def test_rights_that_are_changed_count_for_a_broker_that_was_restarted(
    start: Callable[..., RealKafka], pod: Host
) -> None:
    """Three brokers, one after the other: each tells what itself lets others do."""
    kafka = start(nodes=3, rights=ALL)
    assert [asked(pod, kafka, n).have_rights for n in range(3)] == [True] * 3
    kafka.restart(0, NONE)
    # Each one answers for itself, whichever is asked first.
    assert [asked(pod, kafka, n).have_rights for n in range(3)] == [False, True, True]
    kafka.restart(1, NONE)
    kafka.restart(2, NONE)
    assert [asked(pod, kafka, n).have_rights for n in range(3)] == [False] * 3


def test_a_broker_that_is_down_proves_nothing(start: Callable[..., RealKafka], pod: Host) -> None:
    kafka = start(nodes=3, rights=NONE)
    kafka.halt(2)
    found = asked(pod, kafka, 2)
    assert found.have_rights is None, found
    assert str(found).startswith("broker 2: NOT proven (")
    if kafka.version.startswith("4"):
        assert "The broker '2' doesn't exist" in found.seen
    assert asked(pod, kafka, 0).have_rights is False


def test_a_change_of_super_users_through_kafka_changes_nothing(
    start: Callable[..., RealKafka], pod: Host
) -> None:
    kafka = start(rights=ALL)
    arguments = ["--alter", "--entity-type", "brokers", "--entity-name", "0"]
    done = kafka.run("kafka-configs.sh", *arguments, "--add-config", "super.users=User:other")
    assert done.returncode == 0
    assert "Completed updating config" in done.stdout
    assert asked(pod, kafka).have_rights is True
