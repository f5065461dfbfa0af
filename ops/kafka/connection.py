"""A connection to Kafka with Kafka's own client, in a broker's pod."""

import re
from collections.abc import Sequence

from pyinfra.api.host import Host

from ops.kafka.tools import Said, run

# 5 s, the program's own, are not enough on a machine that is busy.
TIME_LIMIT = "request.timeout.ms=30000"
_BROKER = re.compile(r"^(\S+) \(id: (\d+) .*\) -> (.*)")
CAUSES = {
    "SaslAuthenticationException": "another password, or no such user",
    "IllegalSaslStateException": "the listener at that port takes no login",
    "UnsupportedSaslMechanismException": "the listener has no SCRAM-SHA-512",
    "SslAuthenticationException": "another protocol at that port: TLS",
    "OutOfMemory": "another protocol at that port, such as TLS",  # and METADATA fails
    "Request METADATA failed": "nothing listens there, or it speaks another protocol",
    "ConfigException": "the name of the host is not known in the pod",
    "insufficient memory": "too little memory in the broker's pod",
    "exit code 137": "killed: too little memory in the broker's pod",
    "exit code 127": "the program is not there: kafka_programs",
}


def properties(user: str, password: str) -> list[str]:
    """Return the lines of a client's configuration that log in with SCRAM.

    The password is escaped twice: for JAAS, and for files of properties, which Java reads as
    Latin-1.
    """
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    jaas = f'{module} required username="{_jaas(user)}" password="{_jaas(password)}";'
    return [
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=SCRAM-SHA-512",
        f"sasl.jaas.config={_property(jaas)}",
    ]


def answers(
    broker: Host, programs: str, address: str, lines: Sequence[str], expected: int
) -> tuple[bool, str]:
    """Return whether all brokers answer at a listener, and what is wrong where they do not.

    + broker: the host that is a broker's pod
    + programs: directory of Kafka's programs there; empty: on its PATH
    + address: `HOST:PORT`
    + lines: of the client's configuration, which travel on stdin
    + expected: how many brokers there are
    """
    arguments = ["--bootstrap-server", address, "--command-config", "/dev/stdin"]
    program = "kafka-broker-api-versions.sh"
    said = run(broker, programs, program, arguments, [*lines, TIME_LIMIT])
    found = [match for line in said.stdout if (match := _BROKER.match(line))]
    silent = [f"broker {m[2]} at {m[1]}: {m[3]}" for m in found if not m[3].startswith("(")]
    if said.code != 0 or not found:
        return False, reason(said)
    if silent:
        return False, f"{'; '.join(silent)} (its advertised address cannot be reached)"
    if len(found) < expected:
        return False, f"{len(found)} of {expected} brokers answered"
    return True, f"{len(found)} of {expected} brokers answered"


def reason(said: Said) -> str:
    """Return why a program failed, with the likely cause."""
    text = said.reason()
    whole = f"{said.text}\n{text}"
    cause = next((cause for sign, cause in CAUSES.items() if sign in whole), "")
    return f"{text}: {cause}" if cause else text


def _jaas(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _property(text: str) -> str:
    units = text.replace("\\", "\\\\").encode("utf-16-be")
    codes = [int.from_bytes(units[n : n + 2]) for n in range(0, len(units), 2)]
    return "".join(chr(code) if 32 <= code < 127 else f"\\u{code:04x}" for code in codes)
