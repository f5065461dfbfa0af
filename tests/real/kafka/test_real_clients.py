"""Which librdkafka gets into which brokers, and what its log lets the product conclude."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from limits import LIMIT
from pyinfra.api.host import Host
from real import ROOT, built
from real_kafka import ANONYMOUS, RealKafka, Rights

from group_data.kafka import evidence_failures, evidence_forbidden, evidence_producer
from ops.kafka.arrivals import count
from ops.kafka.facts import Offsets
from ops.kafka.libraries import named_in, verdict
from ops.site.log_evidence import NoEvidence, Refuted, Rules, prove

pytestmark = pytest.mark.real

USERS = {"dedup-lab": "p-4711", "lodger": "p-4712"}
TOPIC = "dedup-lab-events"
OLD, NEW = "2.5.3", "2.6.1"


@pytest.fixture(scope="module")
def kafka(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKafka]:
    """A cluster where dedup-lab may write to a topic, and lodger may do nothing."""
    kafka = RealKafka(version, tmp_path_factory.mktemp("kafka"), Rights([ANONYMOUS]), USERS)
    kafka.do("kafka-topics.sh", "--create", "--topic", TOPIC)
    allow = ["--add", "--allow-principal", "User:dedup-lab", "--producer", "--topic", TOPIC]
    kafka.do("kafka-acls.sh", *allow)
    yield kafka
    kafka.stop()


def produce(kafka: RealKafka, version: str, user: str, password: str, messages: int = 10) -> str:
    """Return the log of a client."""
    python = built(f"librdkafka-{version}") / "bin" / "python"
    script = ROOT / "tests" / "real" / "kafka" / "librdkafka_client.py"
    what = [kafka.address("SCRAM"), user, password, TOPIC, str(messages)]
    done = subprocess.run(
        [str(python), str(script), *what],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def rules(kafka: RealKafka) -> Rules:
    port = str(kafka.port["SCRAM"])
    return Rules(
        wanted=rf"Kafka producer ready \(\S*:{port}, user=dedup-lab\)",
        producer=evidence_producer,
        forbidden=[pattern.replace("{port}", port) for pattern in evidence_forbidden],
        failures=evidence_failures,
    )


def latest(kafka: RealKafka, pod: Host, time: str = "latest") -> dict[tuple[str, int], int]:
    fact = Offsets()
    command = fact.command(kafka.address("PLAIN"), [TOPIC], time, kafka.programs)
    done, output = pod.run_shell_command(command)
    assert done, output.stderr
    return fact.process(output.stdout_lines)


def test_which_library_gets_in_is_as_the_table_says(kafka: RealKafka, pod: Host) -> None:
    before = latest(kafka, pod)
    arrived = sum(before.values())
    for version in (OLD, NEW):
        log = produce(kafka, version, "dedup-lab", USERS["dedup-lab"])
        assert named_in(log) == f"librdkafka {version}"
        gets_in = verdict(named_in(log), kafka.version)[0]
        assert gets_in is not (version == OLD and kafka.version.startswith("4"))
        arrived += 10 if gets_in else 0
        after = latest(kafka, pod)
        assert sum(after.values()) == arrived, log
        assert count(after, before, {})[TOPIC] == arrived - sum(before.values())
        # "ready" stands in both logs.
        if gets_in:
            assert "user=dedup-lab" in prove(log, rules(kafka)).text
        else:
            with pytest.raises(Refuted, match="FAIL"):
                prove(log, rules(kafka))
            assert "SASL authentication error" in log
    # A partition without a newer message is left out: the product takes its end then.
    assert latest(kafka, pod, "4000000000000") == {}
    assert set(latest(kafka, pod, "1")) == {key for key, end in after.items() if end}


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [
        ("dedup-lab", "wrong", "SASL authentication error"),
        ("lodger", USERS["lodger"], "Topic authorization failed"),
    ],
)
def test_a_client_without_rights_is_refuted_by_its_log(
    kafka: RealKafka, pod: Host, user: str, password: str, said: str
) -> None:
    before = latest(kafka, pod)
    log = produce(kafka, NEW, user, password)
    assert re.search("Kafka producer ready", log)
    assert said in log
    with pytest.raises(NoEvidence):
        prove(log, rules(kafka))
    assert latest(kafka, pod) == before
