"""A Kafka cluster asked with its own programs: the practice site's, or a real one.

What they print is compared without what differs from run to run: moments, addresses, the numbers of
brokers, offsets, empty lines, traces of stacks and usages, and how often a line is there.
"""

import re
import subprocess
from dataclasses import dataclass
from typing import Protocol

from cluster import Cluster
from lab_kafka import BROKER, JAVA, KAFKA, settled
from lab_process import Lab
from limits import LIMIT
from moments import wait_for
from real import free_ports
from real_kafka import ANONYMOUS, EVERYONE, RealKafka, Rights

PASSWORD = "secret-4711"  # of the real ones
LAB_PORTS = {"PLAIN": 9092, "TLS": 9093, "SCRAM": 9094, "CLOSED": 9095}
TIME = re.compile(r"^\[\d{4}-\d\d-\d\d [\d:,]+\]")
ADDRESS = re.compile(r"(?:[\w.-]*/)?[\w.-]*[a-z.][\w.-]*:\d{4,5}\b(?!:)")
OFFSET = re.compile(r"^([\w-]+:\d+:)\d+$")
NUMBER = re.compile(r"\(id: \d+ ")
API = re.compile(r"^\t\w+\(\d+\): .*")


@dataclass(frozen=True)
class Done:
    """What a program did: its exit code, and what it printed."""

    code: int
    stdout: list[str]
    stderr: list[str]


class Witness(Protocol):
    """A cluster that can be asked.

    + name: "lab" or "real"
    + password: that of the user dedup-lab
    """

    name: str
    password: str

    def address(self, listener: str) -> str: ...

    def run(self, program: str, *arguments: str, stdin: str = "") -> Done: ...


class LabWitness:
    """The practice site's cluster, asked in a broker's pod."""

    name = "lab"

    def __init__(self, lab: Lab, cluster: Cluster, rights: Rights) -> None:
        self.cluster = cluster
        self.password = lab.environment["DEDUP_KAFKA_PASSWORD"]
        if rights != Rights([ANONYMOUS]):
            lab.fault(action="set", kafka_roll_seconds=0.2)
            cluster.patch(*KAFKA, {"spec": {"kafka": _spec(rights)}})
            wait_for(lambda: settled(lab, 2))

    def address(self, listener: str) -> str:
        return f"127.0.0.1:{LAB_PORTS[listener]}"

    def run(self, program: str, *arguments: str, stdin: str = "") -> Done:
        done = self.cluster.execute("kafka", BROKER, [*JAVA, program, *arguments], stdin)
        return Done(done[0], _plain(done[1]), _plain(done[2]))


class RealWitness:
    """A real cluster, asked on this machine."""

    name = "real"
    password = PASSWORD

    def __init__(self, kafka: RealKafka) -> None:
        self.kafka = kafka

    def address(self, listener: str) -> str:
        if listener == "CLOSED":
            return f"127.0.0.1:{free_ports(1)[0]}"
        return self.kafka.address(listener)

    def run(self, program: str, *arguments: str, stdin: str = "") -> Done:
        command = [*JAVA, f"{self.kafka.programs}/{program}", *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=LIMIT)
        return Done(done.returncode, _plain(done.stdout), _plain(done.stderr))


def _spec(rights: Rights) -> dict[str, object]:
    users = [user.removeprefix("User:") for user in rights.super_users]
    authorization = {"type": "simple", "superUsers": users} if rights.authorizer else None
    return {"authorization": authorization, "config": {EVERYONE: rights.everyone}}


def _plain(text: str) -> list[str]:
    """Return lines without what differs from run to run."""
    found: list[str] = []
    for line in text.split("\n"):
        if line.startswith(("\tat ", "\t... ")):
            continue
        if line.startswith("Option  "):  # the usage
            return found
        if not OFFSET.match(line):
            line = ADDRESS.sub("HOST:PORT", TIME.sub("[TIME]", line))
        line = API.sub("\tAPI", NUMBER.sub("(id: N ", line))
        line = OFFSET.sub(r"\1OFFSET", line)
        if line and line not in found:
            found.append(line)
    return found
