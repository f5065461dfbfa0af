"""What a client of Kafka gets to see at the listeners, in the words of Kafka 4.

https://kafka.apache.org/41/documentation/#security_sasl
"""

import base64
import hmac
import re
from collections.abc import Sequence
from typing import Any

from lab.kafka.brokers import ANONYMOUS, Brokers
from lab.kafka.initial import BOOTSTRAP, BROKERS, CLUSTER, NAMESPACE, USER
from lab.kubernetes.state import Kubernetes
from lab.kubernetes.workloads.pods import Pods

SECONDS = 0.3
ERRORS = "org.apache.kafka.common.errors"
CONFIG = "org.apache.kafka.common.config.ConfigException"
PROTOCOLS = ("SASL_SSL", "PLAINTEXT", "SSL", "SASL_PLAINTEXT")
OUT_OF_MEMORY = ("java.lang.OutOfMemoryError", "Java heap space")
FIREWALL = (
    "This may happen due to any of the following reasons: (1) Firewall blocking Kafka TLS traffic"
    " (eg it may only allow HTTPS traffic), (2) Transient network issue."
)
PATH = "sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid"
PATH += " certification path to requested target"
UNKNOWN_AUTHORITY = (
    f"Caused by: javax.net.ssl.SSLHandshakeException: PKIX path building failed: {PATH}",
    f"Caused by: sun.security.validator.ValidatorException: PKIX path building failed: {PATH}",
    f"Caused by: {PATH}",
)
STACK = (
    "\tat org.apache.kafka.tools.BrokerApiVersionsCommand.main(BrokerApiVersionsCommand.java:70)"
)
JAAS = re.compile(r'(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"')
HOST = re.compile(
    rf"(localhost|127\.0\.0\.1|{BOOTSTRAP}|{CLUSTER}-kafka-\d\.{CLUSTER}-kafka-brokers)"
    rf"(\.{NAMESPACE}(\.svc(\.cluster\.local)?)?)?"
)


class Refused(Exception):
    """A program that came to no good end.

    + stderr, stdout: the lines that it prints
    """

    def __init__(self, stderr: Sequence[str], stdout: Sequence[str] = ()) -> None:
        super().__init__()
        self.stderr, self.stdout = list(stderr), list(stdout)


class Logins:
    """The listeners' rules; `lab/kafka/client.py` is the program that asks.

    Settings: `seconds`, what a connection takes; `unreachable`: numbers of brokers whose advertised
    address cannot be reached.
    """

    def __init__(self, kubernetes: Kubernetes, pods: Pods, brokers: Brokers) -> None:
        self.kubernetes = kubernetes
        self.pods = pods
        self.brokers = brokers
        self.reset()

    def reset(self) -> None:
        """Forget all logins."""
        self.seconds = SECONDS
        self.unreachable: list[int] = []
        self._list: list[dict[str, Any]] = []

    def all(self) -> list[dict[str, Any]]:
        """Return all logins: user, listener and success; never a password."""
        return list(self._list)

    def enter(self, servers: str, properties: dict[str, str]) -> tuple[int, str]:
        """Return the port of the listener, and as whom a client is there; raise Refused.

        + servers, properties: what the program was given
        """
        login: dict[str, Any] = {"user": None, "listener": servers, "success": False}
        if properties:
            self._list.append(login)
        _check(properties.get("security.protocol", "PLAINTEXT"))
        port = self._port(servers)
        login["listener"] = port
        login["user"] = _credentials(properties)[0] or None
        self._log_in(servers, port, properties)
        login["success"] = True
        is_known = properties.get("security.protocol", "").startswith("SASL_")
        return port, f"User:{login['user']}" if is_known else ANONYMOUS

    def takes(self, password: str) -> bool:
        """Return whether a job of the experiment gets in as the site's user with a password."""
        return self._is_right(USER, password)

    def ready(self) -> dict[int, str]:
        """Return the brokers that are there: number and name of the pod."""
        return {n: name for name, n in BROKERS.items() if self.pods.is_ready(NAMESPACE, name)}

    def _port(self, servers: str) -> int:
        for server in servers.split(","):
            host, _, port = server.strip().rpartition(":")
            if not port.isdigit():
                text = f"Invalid url in bootstrap.servers: {server}"
                raise _refused(CONFIG, text)
            if HOST.fullmatch(host):
                return int(port)
        warning = (
            f"Couldn't resolve server {servers} from bootstrap.servers as DNS resolution failed for"
            f" {servers.rpartition(':')[0]} (org.apache.kafka.clients.ClientUtils)"
        )
        text = "No resolvable bootstrap urls given in bootstrap.servers"
        raise _refused(CONFIG, text, [f"WARN {warning}"])

    def _log_in(self, servers: str, port: int, properties: dict[str, str]) -> None:
        protocol = properties.get("security.protocol", "PLAINTEXT")
        wants_sasl = protocol.startswith("SASL_")
        if wants_sasl and not properties.get("sasl.jaas.config"):
            text = "Could not find a 'KafkaClient' entry in the JAAS configuration."
            text += " System property 'java.security.auth.login.config' is not set"
            raise _refused("java.lang.IllegalArgumentException", text)
        listener = self._listener(port)
        if listener is None or not self.ready():
            raise _disconnected(servers, "could not be established. Node may not be available.")
        if protocol.endswith("SSL") and listener.get("tls"):
            text = "SSL handshake failed"  # No client here has a truststore.
            raise _unauthenticated(servers, "SslAuthenticationException", text, *UNKNOWN_AUTHORITY)
        if protocol.endswith("SSL"):
            raise _disconnected(servers, f"terminated during authentication. {FIREWALL}")
        if listener.get("tls"):  # The first bytes of TLS are read as a length.
            raise Refused([OUT_OF_MEMORY[1], ": ".join(OUT_OF_MEMORY), STACK])
        kind = (listener.get("authentication") or {}).get("type")
        if kind and not wants_sasl:
            raise _disconnected(servers)
        if wants_sasl:
            self._authenticate(servers, kind, properties)

    def _authenticate(self, servers: str, kind: str | None, properties: dict[str, str]) -> None:
        mechanism = properties.get("sasl.mechanism", "GSSAPI")
        if kind is None:
            text = f"Unexpected handshake request with client mechanism {mechanism}, enabled"
            text += " mechanisms are []"
            raise _unauthenticated(servers, "IllegalSaslStateException", text)
        if mechanism != "SCRAM-SHA-512":
            text = f"Client SASL mechanism '{mechanism}' not enabled in the server, enabled"
            text += " mechanisms are [SCRAM-SHA-512]"
            raise _unauthenticated(servers, "UnsupportedSaslMechanismException", text)
        if not self._is_right(*_credentials(properties)):
            text = "Authentication failed during authentication due to invalid credentials with"
            text += f" SASL mechanism {mechanism}"
            raise _unauthenticated(servers, "SaslAuthenticationException", text)

    def _listener(self, port: int) -> dict[str, Any] | None:
        kafka = self.kubernetes.objects.get(("kafkas", NAMESPACE, CLUSTER), {"spec": {"kafka": {}}})
        listeners = kafka["spec"]["kafka"].get("listeners") or []
        return next((listener for listener in listeners if listener["port"] == port), None)

    def _is_right(self, user: str, password: str) -> bool:
        objects = self.kubernetes.objects
        account = objects.get(("kafkausers", NAMESPACE, user), {})
        conditions = account.get("status", {}).get("conditions", [])
        is_ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
        secret = objects.get(("secrets", NAMESPACE, user), {}).get("data", {}).get("password")
        if not is_ready or not secret:
            return False
        return hmac.compare_digest(base64.b64decode(secret), password.encode())


def _check(protocol: str) -> None:
    if protocol.upper() not in PROTOCOLS:
        text = f"Invalid value {protocol} for configuration security.protocol: String must be one"
        text += f" of (case insensitive): {', '.join(PROTOCOLS)}"
        raise _refused(CONFIG, text)


def _credentials(properties: dict[str, str]) -> tuple[str, str]:
    found = dict(JAAS.findall(properties.get("sasl.jaas.config", "")))
    values = [re.sub(r"\\(.)", r"\1", found.get(name, "")) for name in ("username", "password")]
    return values[0], values[1]


def _refused(
    kind: str, text: str, before: Sequence[str] = (), after: Sequence[str] = ()
) -> Refused:
    return Refused([*before, text, f"{kind}: {text}", *after, ""])


def _node(servers: str, text: str) -> str:
    where = f"Connection to node -1 ({servers.split(',')[0].strip()})"
    client, source = "LegacyAdminClient clientId=admin-1", "org.apache.kafka.clients.NetworkClient"
    return f"[{client}] {where} {text} ({source})"


def _gone(servers: str) -> str:
    node = f"{servers.split(',')[0].strip()} (id: -1 rack: null isFenced: false)"
    gone = f"WARN [LegacyAdminClient clientId=admin-1] Bootstrap broker {node} disconnected"
    return gone + " (org.apache.kafka.clients.NetworkClient)"


def _unauthenticated(servers: str, kind: str, text: str, *causes: str) -> Refused:
    line = _node(servers, f"failed authentication due to: {text}")
    return _refused(f"{ERRORS}.{kind}", text, [f"ERROR {line}", _gone(servers)], causes)


def _disconnected(servers: str, what: str = "") -> Refused:
    nodes = ", ".join(
        f"{server.strip()} (id: -{number} rack: null isFenced: false)"
        for number, server in enumerate(servers.split(","), 1)
    )
    text = f"Request METADATA failed on brokers [{nodes}]"
    before = [f"WARN {_node(servers, what)}"] if what else []
    return _refused("java.lang.RuntimeException", text, [*before, _gone(servers)], [STACK])
