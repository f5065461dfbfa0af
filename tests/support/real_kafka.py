"""Real brokers of Kafka on this machine: KRaft, with the site's listeners and authorizer."""

import base64
import hashlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from limits import LIMIT
from real import built, free_ports, start, stop

VERSIONS = ("4.4.0", "3.9.1")
ANONYMOUS = "User:ANONYMOUS"
EVERYONE = "allow.everyone.if.no.acl.found"
USER = "dedup-lab"
LISTENERS = ("PLAIN", "TLS", "SCRAM")
CLUSTER_ID = "kZ8mJ3bqT2yX0cQm1v7w5A"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
STORE = "of-a-test"
# Brokers of one cluster know each other by a login of their own, as Strimzi's do by certificates.
PEERS = {"CONTROLLER": "SASL_PLAINTEXT", "INTERNAL": "SASL_PLAINTEXT"}
PROTOCOLS = {"PLAIN": "PLAINTEXT", "TLS": "SSL", "SCRAM": "SASL_PLAINTEXT", **PEERS}


@dataclass(frozen=True)
class Rights:
    """Who may do what in a cluster.

    + super_users: such as "User:ANONYMOUS"
    + everyone: what `allow.everyone.if.no.acl.found` says
    + authorizer: whether there is one
    """

    super_users: Sequence[str] = ()
    everyone: bool = False
    authorizer: bool = True

    def settings(self) -> dict[str, str]:
        if not self.authorizer:
            return {}
        return {
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": ";".join(["User:broker", *self.super_users]),
            EVERYONE: str(self.everyone).lower(),
        }


@dataclass
class Node:
    """A broker that is its own controller.

    + unreachable: listeners that it advertises at a port where nothing listens
    """

    number: int
    directory: Path
    ports: Mapping[str, int]
    advertised: Mapping[str, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.directory / "log"


class RealKafka:
    """A cluster; `port` has the ports of its first broker by listener.

    + version: of Kafka
    + directory: an empty one
    + rights: with which each broker is started
    + users: those that log in with SCRAM, with their passwords
    + nodes: how many brokers
    + unreachable: listeners that are advertised at a port where nothing listens
    """

    def __init__(
        self,
        version: str,
        directory: Path,
        rights: Rights | None = None,
        users: Mapping[str, str] | None = None,
        nodes: int = 1,
        unreachable: Sequence[str] = (),
    ) -> None:
        self.version, self.home, self.directory = version, built(f"kafka-{version}"), directory
        self.rights = rights or Rights([ANONYMOUS])
        self.users = users or {}
        ports = free_ports(nodes * (len(PROTOCOLS) + len(unreachable)))
        self.nodes = [self._node(number, ports, unreachable) for number in range(nodes)]
        self._make_store()
        for node in self.nodes:
            self._configure(node)
            self._format(node)
        try:
            self._start_all()
        except BaseException:
            self.stop()
            raise

    def _start_all(self) -> None:
        for node in self.nodes:
            self._start(node)
        for node in self.nodes:
            self._wait(node)

    @property
    def port(self) -> Mapping[str, int]:
        return self.nodes[0].ports

    @property
    def programs(self) -> str:
        """The directory of Kafka's programs."""
        return str(self.home / "bin")

    def address(self, listener: str, number: int = 0) -> str:
        return f"127.0.0.1:{self.nodes[number].ports[listener]}"

    def run(
        self, program: str, *arguments: str, listener: str = "PLAIN", stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one of Kafka's programs against a listener."""
        command = [f"{self.programs}/{program}", "--bootstrap-server", self.address(listener)]
        return subprocess.run(
            [*command, *arguments], input=stdin, capture_output=True, text=True, timeout=LIMIT
        )

    def do(self, program: str, *arguments: str, listener: str = "PLAIN", stdin: str = "") -> str:
        """Run a program that must come to a good end; return what it printed."""
        done = self.run(program, *arguments, listener=listener, stdin=stdin)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def restart(self, number: int, rights: Rights) -> None:
        """Stop a broker, and start it with other rights."""
        node = self.nodes[number]
        self.halt(number)
        self.rights = rights
        node.log.unlink()
        self._configure(node)
        self._start(node)
        self._wait(node)

    def halt(self, number: int) -> None:
        """Stop a broker as its operator does, and wait until the others know."""
        process = self.nodes[number].process
        if process is not None:
            stop(process, signal.SIGTERM)
        others = [node.number for node in self.nodes if node.number != number]
        deadline = time.monotonic() + LIMIT
        while others and number in self._listed(others[0]):
            assert time.monotonic() < deadline, f"broker {number} is still there"

    def _listed(self, number: int) -> list[int]:
        """Return the brokers that one of them knows; all where it is silent."""
        command = [f"{self.programs}/kafka-broker-api-versions.sh", "--bootstrap-server"]
        done = subprocess.run(
            [*command, self.address("PLAIN", number)], capture_output=True, text=True, timeout=LIMIT
        )
        found = [int(text) for text in re.findall(r"\(id: (\d+) ", done.stdout)]
        return found or [node.number for node in self.nodes]

    def stop(self) -> None:
        for node in self.nodes:
            if node.process is not None:
                stop(node.process)

    def _node(self, number: int, ports: list[int], unreachable: Sequence[str]) -> Node:
        own = {name: ports.pop() for name in PROTOCOLS}
        wrong = {name: ports.pop() for name in unreachable}
        directory = self.directory / f"broker-{number}"
        directory.mkdir(parents=True)
        return Node(number, directory, own, {**own, **wrong})

    def _make_store(self) -> None:
        self.store = self.directory / "broker.p12"
        command = ["keytool", "-genkeypair", "-alias", "broker", "-keyalg", "EC"]
        command += ["-keystore", str(self.store), "-storetype", "PKCS12", "-storepass", STORE]
        command += ["-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1,dns:localhost"]
        subprocess.run(command, check=True, capture_output=True)

    def _configure(self, node: Node) -> None:
        def listeners(ports: Mapping[str, int], names: Sequence[str]) -> str:
            return ",".join(f"{name}://127.0.0.1:{ports[name]}" for name in names)

        voters = [f"{n.number}@127.0.0.1:{n.ports['CONTROLLER']}" for n in self.nodes]
        broker = f'{PLAIN} required username="broker" password="{STORE}" user_broker="{STORE}";'
        replicas = str(len(self.nodes))
        settings = {
            "process.roles": "broker,controller",
            "node.id": str(node.number),
            "controller.quorum.voters": ",".join(voters),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "INTERNAL",
            "listeners": listeners(node.ports, list(PROTOCOLS)),
            "advertised.listeners": listeners(node.advertised, [*LISTENERS, "INTERNAL"]),
            "listener.security.protocol.map": ",".join(map(":".join, PROTOCOLS.items())),
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config": f"{SCRAM} required;",
            "ssl.keystore.location": str(self.store),
            "ssl.keystore.password": STORE,
            "ssl.keystore.type": "PKCS12",
            "log.dirs": str(node.directory / "data"),
            "auto.create.topics.enable": "false",
            "num.partitions": "3",
            "default.replication.factor": replicas,
            "offsets.topic.replication.factor": replicas,
            "group.initial.rebalance.delay.ms": "0",
            # On a busy machine a broker is late, and not gone.
            "broker.session.timeout.ms": "30000",
            "controller.quorum.fetch.timeout.ms": "10000",
            "initial.broker.registration.timeout.ms": "300000",
            **self.rights.settings(),
        }
        for name in PEERS:
            prefix = f"listener.name.{name.lower()}"
            settings[f"{prefix}.sasl.enabled.mechanisms"] = "PLAIN"
            settings[f"{prefix}.plain.sasl.jaas.config"] = broker
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        (node.directory / "server.properties").write_text(lines)

    def _format(self, node: Node) -> None:
        command = [f"{self.programs}/kafka-storage.sh", "format", "--cluster-id", CLUSTER_ID]
        command += ["--config", str(node.directory / "server.properties")]
        for name, password in self.users.items():
            command += ["--add-scram", _credential(name, password)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
        assert done.returncode == 0, done.stdout + done.stderr

    def _start(self, node: Node) -> None:
        properties = str(node.directory / "server.properties")
        command = [f"{self.programs}/kafka-server-start.sh", properties]
        node.process = start(command, node.log, {"KAFKA_HEAP_OPTS": "-Xmx256M"})

    def _wait(self, node: Node) -> None:
        deadline = time.monotonic() + LIMIT
        while "Kafka Server started" not in (text := node.log.read_text()):
            if node.process is None or node.process.poll() is not None:
                raise AssertionError(f"broker {node.number} has ended:\n{text[-3000:]}")
            assert time.monotonic() < deadline, f"broker {node.number}:\n{text[-3000:]}"
            time.sleep(0.05)


def _credential(name: str, password: str) -> str:
    """Return what the user operator stores of a password: salted, so no program has to read it."""
    salt, rounds = os.urandom(16), 4096
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    texts = [base64.b64encode(value).decode() for value in (salt, salted)]
    return (
        f'SCRAM-SHA-512=[name={name},salt="{texts[0]}",saltedpassword="{texts[1]}",'
        f"iterations={rounds}]"
    )
