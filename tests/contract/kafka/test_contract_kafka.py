"""What Kafka's programs say: exit code, stdout and stderr, to the letter.

`{password}` is the password of dedup-lab. What is not compared: kafka_witness.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from kafka_witness import Done, Witness
from real_kafka import ANONYMOUS, SCRAM, Rights

VERSIONS, CONFIGS, OFFSETS = (
    f"kafka-{name}.sh" for name in ("broker-api-versions", "configs", "get-offsets")
)
STDIN = ("--command-config", "/dev/stdin")
DESCRIBE = ("--describe", "--entity-type", "brokers", "--entity-name")
NODE = "HOST:PORT (id: -1 rack: null isFenced: false)"
CLIENT = "[LegacyAdminClient clientId=admin-1]"
SOURCE = "(org.apache.kafka.clients.NetworkClient)"
GONE = f"[TIME] WARN {CLIENT} Bootstrap broker {NODE} disconnected {SOURCE}"
ERRORS = "org.apache.kafka.common.errors"
CONFIG = "org.apache.kafka.common.config.ConfigException"
METADATA = f"Request METADATA failed on brokers [{NODE}]"
NO_METADATA = [METADATA, f"java.lang.RuntimeException: {METADATA}"]
MEMORY = ["Java heap space", "java.lang.OutOfMemoryError: Java heap space"]
ANSWER = ["HOST:PORT (id: N rack: null isFenced: false) -> (", "\tAPI", ")"]
ALL = Rights([ANONYMOUS])


def login(user: str = "dedup-lab", password: str = "{password}", **changes: str | None) -> str:
    lines: dict[str, str | None] = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": f'{SCRAM} required username="{user}" password="{password}";',
    }
    lines |= {name.replace("_", "."): value for name, value in changes.items()}
    return "".join(f"{name}={value}\n" for name, value in lines.items() if value)


def node(what: str, level: str = "WARN") -> str:
    return f"[TIME] {level} {CLIENT} Connection to node -1 (HOST:PORT) {what} {SOURCE}"


def refused(kind: str, text: str, *causes: str) -> list[str]:
    seen = node(f"failed authentication due to: {text}", "ERROR")
    return [seen, GONE, text, f"{ERRORS}.{kind}: {text}", *causes]


@dataclass(frozen=True)
class Case:
    """A call of a program at a listener or an address, and what it says; code 0 with stdout."""

    program: str
    where: str
    arguments: Sequence[str]
    stdin: str = ""
    stdout: Sequence[str] = ()
    stderr: Sequence[str] = ()

    def ask(self, witness: Witness) -> Done:
        is_listener = self.where.isupper()
        where = witness.address(self.where) if is_listener else self.where
        server = ["--bootstrap-server", where] if where else []
        stdin = self.stdin.replace("{password}", witness.password)
        return witness.run(self.program, *server, *self.arguments, stdin=stdin)


def versions(where: str, stdin: str, stderr: Sequence[str] = ()) -> Case:
    return Case(VERSIONS, where, STDIN, stdin, () if stderr else ANSWER, stderr)


INVALID = "Authentication failed during authentication due to invalid credentials with SASL"
INVALID += " mechanism SCRAM-SHA-512"
UNEXPECTED = "Unexpected handshake request with client mechanism SCRAM-SHA-512, enabled mechanisms"
DISABLED = "Client SASL mechanism 'PLAIN' not enabled in the server, enabled mechanisms are"
TERMINATED = (
    "terminated during authentication. This may happen due to any of the following reasons:"
)
TERMINATED += " (1) Firewall blocking Kafka TLS traffic (eg it may only allow HTTPS traffic), (2)"
TERMINATED += " Transient network issue."
JAAS = "Could not find a 'KafkaClient' entry in the JAAS configuration. System property"
JAAS += " 'java.security.auth.login.config' is not set"
PATH = "sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid"
PATH += " certification path to requested target"
CERTIFICATES = (
    f"Caused by: javax.net.ssl.SSLHandshakeException: PKIX path building failed: {PATH}",
    f"Caused by: sun.security.validator.ValidatorException: PKIX path building failed: {PATH}",
    f"Caused by: {PATH}",
)
PROTOCOL = "Invalid value NO for configuration security.protocol: String must be one of (case"
PROTOCOL += " insensitive): SASL_SSL, PLAINTEXT, SSL, SASL_PLAINTEXT"
URL = "Invalid url in bootstrap.servers: localhost"
OPTION = "no is not a recognized option"
ARGUMENT = "Option command-config requires an argument"

LOGINS = {
    "the right password": versions("SCRAM", login()),
    "no login where none is": versions("PLAIN", "security.protocol=PLAINTEXT\n"),
    "a wrong password": versions(
        "SCRAM", login(password="no"), refused("SaslAuthenticationException", INVALID)
    ),
    "an unknown user": versions(
        "SCRAM", login(user="no"), refused("SaslAuthenticationException", INVALID)
    ),
    "a login where none is": versions(
        "PLAIN", login(), refused("IllegalSaslStateException", f"{UNEXPECTED} are []")
    ),
    "another mechanism": versions(
        "SCRAM",
        login(sasl_mechanism="PLAIN"),
        refused("UnsupportedSaslMechanismException", f"{DISABLED} [SCRAM-SHA-512]"),
    ),
    "no login": versions("SCRAM", "security.protocol=PLAINTEXT\n", [GONE, *NO_METADATA]),
    "a login without TLS at a port with TLS": versions("TLS", login(), MEMORY),
    "nothing but TLS": versions("TLS", "security.protocol=PLAINTEXT\n", MEMORY),
    "TLS without its authority": versions(
        "TLS",
        "security.protocol=SSL\n",
        refused("SslAuthenticationException", "SSL handshake failed", *CERTIFICATES),
    ),
    "TLS at a port without": versions(
        "PLAIN", "security.protocol=SSL\n", [node(TERMINATED), GONE, *NO_METADATA]
    ),
    "nothing listens": versions(
        "CLOSED",
        login(),
        [
            node("could not be established. Node may not be available."),
            GONE,
            *NO_METADATA,
        ],
    ),
    "no credentials": versions(
        "SCRAM",
        login(sasl_jaas_config=None),
        [JAAS, f"java.lang.IllegalArgumentException: {JAAS}"],
    ),
    "an unknown protocol": versions(
        "PLAIN", "security.protocol=NO\n", [PROTOCOL, f"{CONFIG}: {PROTOCOL}"]
    ),
    "no port": Case(VERSIONS, "localhost", (), stderr=[URL, f"{CONFIG}: {URL}"]),
    "no such file": Case(
        VERSIONS,
        "PLAIN",
        ("--command-config", "/no"),
        stderr=["/no", "java.nio.file.NoSuchFileException: /no"],
    ),
    "an unknown option": Case(
        VERSIONS,
        "PLAIN",
        ("--no",),
        stderr=[OPTION, f"joptsimple.UnrecognizedOptionException: {OPTION}"],
    ),
    "an option without its argument": Case(
        VERSIONS,
        "PLAIN",
        ("--command-config",),
        stderr=[ARGUMENT, f"joptsimple.OptionMissingRequiredArgumentException: {ARGUMENT}"],
    ),
}

HEADER = "Dynamic configs for broker 0 are:"
NO_NUMBER = "The entity name for brokers must be a valid integer broker id, but it is: no"
NO_SERVER = "Either --bootstrap-server or --bootstrap-controller must be specified."
DESCRIPTIONS = {
    "a broker": Case(CONFIGS, "PLAIN", (*DESCRIBE, "0"), stdout=[HEADER]),
    "a broker that is not there": Case(
        CONFIGS,
        "PLAIN",
        (*DESCRIBE, "77"),
        stdout=["The broker '77' doesn't exist and doesn't have dynamic config."],
    ),
    "no number": Case(CONFIGS, "PLAIN", (*DESCRIBE, "no"), stderr=[NO_NUMBER]),
    "no action": Case(
        CONFIGS,
        "PLAIN",
        (*DESCRIBE[1:], "0"),
        stderr=["Command must include exactly one action: --describe, --alter"],
    ),
    "an unknown option": Case(CONFIGS, "PLAIN", ("--no",), stderr=[OPTION]),
    "no server": Case(CONFIGS, "", (*DESCRIBE, "0"), stderr=[NO_SERVER]),
}

OURS = ("--topic", "dedup-lab-.*", "--time")
EACH = [f"dedup-lab-{name}:{n}:OFFSET" for name in ("events", "metrics") for n in range(3)]
NO_TOPIC = "Error occurred: Could not match any topic-partitions with the specified filters"
TIME = "Error occurred: Malformed time argument soon. Please use -1 or latest / -2 or earliest / -3"
TIME += " or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or"
TIME += " earliest-pending-upload, or a specified long format timestamp"
REGEX = "dedup-( is an invalid regex."
TOPIC_OFFSETS = {
    "the latest": Case(OFFSETS, "PLAIN", (*OURS, "latest"), stdout=EACH),
    "the latest as a number": Case(OFFSETS, "PLAIN", (*OURS, "-1"), stdout=EACH),
    "the latest without a word": Case(OFFSETS, "PLAIN", OURS[:2], stdout=EACH),
    "the earliest": Case(OFFSETS, "PLAIN", (*OURS, "earliest"), stdout=EACH),
    "of a time after all messages": Case(OFFSETS, "PLAIN", (*OURS, "4000000000000")),
    "no such topic": Case(OFFSETS, "PLAIN", ("--topic", "no"), stderr=[NO_TOPIC]),
    "no such time": Case(OFFSETS, "PLAIN", (*OURS, "soon"), stderr=[TIME]),
    "no regular expression": Case(
        OFFSETS,
        "PLAIN",
        ("--topic", "dedup-("),
        stderr=[f"Error occurred: {REGEX}", f"java.lang.RuntimeException: {REGEX}"],
    ),
    "an unknown option": Case(OFFSETS, "PLAIN", ("--no",), stderr=[f"Error occurred: {OPTION}"]),
}

CASES = {
    **{f"login: {name}": case for name, case in LOGINS.items()},
    **{f"description: {name}": case for name, case in DESCRIPTIONS.items()},
    **{f"offsets: {name}": case for name, case in TOPIC_OFFSETS.items()},
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_program_says(start: Callable[[Rights], Witness], name: str) -> None:
    case = CASES[name]
    done = case.ask(start(ALL))
    assert (done.stdout, done.stderr) == (list(case.stdout), list(case.stderr))
    assert done.code == (1 if case.stderr else 0)


DENIED = f"{ERRORS}.ClusterAuthorizationException: Cluster authorization failed."
RIGHTS = {
    "none": (Rights(), False),
    "a prefix too many": (Rights([f"User:{ANONYMOUS}"]), False),
    "what has no ACL is everybody's": (Rights(everyone=True), True),
    "no authorizer": (Rights(authorizer=False), True),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_what_who_has_no_login_may_see(start: Callable[[Rights], Witness], name: str) -> None:
    rights, may = RIGHTS[name]
    witness = start(rights)
    done = Case(CONFIGS, "PLAIN", (*DESCRIBE, "0")).ask(witness)
    assert done.stdout == [HEADER]
    arguments = " ".join(["--bootstrap-server HOST:PORT", *DESCRIBE, "0"])
    error = [
        f"Error while executing config command with args '{arguments}'",
        f"java.util.concurrent.ExecutionException: {DENIED}",
        f"Caused by: {DENIED}",
    ]
    assert (done.code, done.stderr) == ((0, []) if may else (1, error))
    # These end with 0, or say nothing of rights.
    assert Case(VERSIONS, "PLAIN", ()).ask(witness) == Done(0, ANSWER, [])
    if not may:
        assert Case(OFFSETS, "PLAIN", OURS[:2]).ask(witness) == Done(1, [], [NO_TOPIC])


def test_a_login_without_rights_is_one_all_the_same(start: Callable[[Rights], Witness]) -> None:
    witness = start(Rights())
    assert versions("SCRAM", login()).ask(witness) == Done(0, ANSWER, [])
    done = Case(CONFIGS, "SCRAM", (*DESCRIBE, "0", *STDIN), login()).ask(witness)
    assert (done.code, done.stdout) == (1, [HEADER])
    assert f"Caused by: {DENIED}" in done.stderr
