"""The chain from Kafka's user to a login with SASL: what must agree so that clients get in."""

import base64
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pyinfra import context, host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report
from ops.api.dry_run import is_dry_run
from ops.api.hosts import only
from ops.api.operation import operation
from ops.api.secret import Secret
from ops.gitlab.facts.repository import RepositoryFile
from ops.gitlab.facts.variables import CiVariables
from ops.http.watch import READ_ERRORS, ask
from ops.kafka.connection import answers
from ops.kafka.strimzi import condition, is_ready
from ops.kubernetes.facts import Object

VARIABLE = "CI/CD variable"
MARKS = {True: "yes", False: "NO", None: "-"}
JAAS = (
    "org.apache.kafka.common.security.scram.ScramLoginModule required"
    ' username="{user}" password="{password}";'
)


# Looks at a link; returns whether it is OK, and what was seen.
See = Callable[[], tuple[bool, str]]


@dataclass(frozen=True)
class Settings:
    """What the links are called.

    + ci_branch, ci_file: where the CI configuration is
    + variable, scope: the CI/CD variable that holds the password
    + exported_as: the variable that the client reads
    + client_file: file of the client that reads it
    + user: name of the KafkaUser
    + host, port: of the listener that clients use
    + logs_in: whether clients log in there
    + programs: directory of Kafka's programs in the broker pod; empty: on its PATH
    """

    ci_branch: str
    ci_file: str
    variable: str
    scope: str
    exported_as: str
    client_file: str
    user: str
    host: str
    port: int
    logs_in: bool
    programs: str

    @property
    def address(self) -> str:
        """`HOST:PORT`."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Link:
    """A link: its name, whether it is OK (None: it does not apply here), and what was seen."""

    name: str
    ok: bool | None
    seen: str


@operation
def verification(settings: Settings) -> Iterator[PyinfraCommand]:
    """
    Verify the chain from Kafka's user to its login, link by link. Nothing is changed.

    + settings: what the links are called

    The host is the broker's pod; its last link is a real login with SCRAM by Kafka's own client
    there, which gets the password on stdin. Secrets are compared and shown as fingerprints. A
    preview shows how the other links are. Where clients do not log in, what is about the login does
    not apply, and the last link is a connection without one.

    **Example:**

    ```python
    sasl_chain.verification(
        name="Verify the chain",
        settings=sasl_chain.Settings(
            ci_branch="main", ci_file=".gitlab-ci.yml", variable="KAFKA", scope="*",
            exported_as="KAFKA_PASSWORD", client_file="client.cpp", user="example",
            host="kafka", port=9094, logs_in=True, programs="/opt/kafka/bin",
        ),
    )
    ```
    """
    last = "login with SCRAM" if settings.logs_in else "connection without a login"
    text = f"verify the chain: seven links, the last one a {last}"
    yield Action(text, verify, settings, changes=_now(settings), is_check=True)


def _now(settings: Settings) -> list[str]:
    if not is_dry_run():
        return []
    links = look(context.state, host, settings, login=False)
    return [f"{MARKS[link.ok]:<3} {link.name}: {link.seen}" for link in links]


def verify(state: State, host: Host, settings: Settings) -> bool:
    """Look at all links, print them as a table, and return whether all are OK."""
    links = look(state, host, settings)
    report(host, table(links))
    return all(link.ok is not False for link in links)


def look(state: State, broker: Host, settings: Settings, *, login: bool = True) -> list[Link]:
    """Return all links as they are.

    + state: knows the other hosts
    + broker: the host that is a broker's pod
    + settings: what the links are called
    + login: whether the last link, a connection, is tried
    """
    one = functools.partial(only, state.inventory)
    password: list[Secret] = []
    of_login: dict[str, See] = {
        "KafkaUser is Ready": lambda: _user(one("kafka_user")),
        "Secret has its keys": lambda: _secret(one("kafka_secret"), settings, password),
        VARIABLE: lambda: _variable(one("project"), settings, password),
        settings.ci_file: lambda: _exported(one("project"), settings),
        settings.client_file: lambda: _client(one("project"), settings),
    }
    if settings.logs_in:
        links = [_link(name, see) for name, see in of_login.items()]
    else:
        text = f"does not apply: nobody logs in at port {settings.port}"
        links = [Link(name, None, text) for name in of_login]
    links.append(_link("the port in CI", lambda: _port(one("project"), settings)))
    if login:
        name = "login with SCRAM" if settings.logs_in else "connection without login"
        links.append(_link(name, lambda: _connection(broker, settings, password)))
    return links


def table(links: Sequence[Link]) -> list[str]:
    """Return a table of links."""
    from tabulate import tabulate

    rows = [[link.name, MARKS[link.ok], link.seen] for link in links]
    headers = ["link", "ok", "seen"]
    return tabulate(rows, headers, maxcolwidths=[24, None, 34]).splitlines()


def _link(name: str, see: See) -> Link:
    try:
        ok, seen = see()
    except (*READ_ERRORS, KeyError, TypeError, ValueError) as error:
        return Link(name, False, f"not readable: {error}"[:150])
    return Link(name, ok, seen)


def _user(user: Host) -> tuple[bool, str]:
    live = ask(user, Object)
    return (False, "it does not exist") if live is None else (is_ready(live), condition(live))


def _secret(secret: Host, settings: Settings, password: list[Secret]) -> tuple[bool, str]:
    live = ask(secret, Object)
    if live is None:
        return False, "it does not exist"
    data = {k: base64.b64decode(v.unmask()).decode() for k, v in (live.get("data") or {}).items()}
    if data.get("password"):
        password.append(Secret(data["password"]))
    missing = [key for key in ("password", "sasl.jaas.config") if not data.get(key)]
    if missing:
        return False, f"without {', '.join(missing)}"
    in_jaas = re.search(r'password="((?:[^"\\]|\\.)*)"', data["sasl.jaas.config"])
    if in_jaas is None or in_jaas[1] != data["password"]:
        return False, "the password in sasl.jaas.config is another one"
    return True, f"password {password[0]}"


def _variable(project: Host, settings: Settings, password: list[Secret]) -> tuple[bool, str]:
    name = f"{settings.variable} ({settings.scope})"
    live = ask(project, CiVariables).get((settings.variable, settings.scope))
    if live is None:
        return False, f"{name} does not exist"
    if not live["masked"]:
        return False, f"{name} is not masked"
    if live["value"] is None:
        return False, f"{name} is hidden: its value cannot be compared"
    if not password:
        return False, f"{name}: the Secret has no password to compare it with"
    if live["value"] != password[0]:
        return False, f"{name} has another value: {live['value']}"
    return True, f"{name} is masked, {live['value']}"


def _exported(project: Host, settings: Settings) -> tuple[bool, str]:
    line = rf'\b{settings.exported_as}="?\$\{{?{settings.variable}\b'
    return _line_of(project, settings.ci_file, settings.ci_branch, line, "#")


def _port(project: Host, settings: Settings) -> tuple[bool, str]:
    """Return whether no variable there is the same host with another port."""
    host = re.escape(settings.host.partition(".")[0]) + r"[\w.-]*"  # Short, or in full.
    other = rf"""^\s*(?:-\s*)?(?:export\s+)?\w+\s*[:=]\s*["']?{host}:(?!{settings.port}\b)\d"""
    found, seen = _line_of(project, settings.ci_file, settings.ci_branch, other, "#")
    if found:
        return False, f"not {settings.port}: {seen}"
    return seen.startswith("no line"), f"no variable has another one than {settings.port}"


def _client(project: Host, settings: Settings) -> tuple[bool, str]:
    line = rf'getenv\(\s*"{settings.exported_as}"\s*\)'
    return _line_of(project, settings.client_file, settings.ci_branch, line, "//")


def _line_of(project: Host, path: str, ref: str, pattern: str, comment: str) -> tuple[bool, str]:
    file = ask(project, RepositoryFile, path=path, ref=ref)
    if file is None:
        return False, f"{ref} has no such file"
    for number, line in enumerate(file.text.splitlines(), 1):
        code = re.split(rf"(?:^|\s){comment}", line)[0]
        if re.search(pattern, code):
            return True, f"line {number}: {line.strip()[:80]}"
    return False, f"no line matches {pattern}"


def _connection(broker: Host, settings: Settings, password: list[Secret]) -> tuple[bool, str]:
    if not settings.logs_in:
        plain = ["security.protocol=PLAINTEXT"]
        done, seen = answers(broker, settings.programs, settings.address, plain)
        return done, seen[:150] or f"anybody at {settings.address}"
    if not password:
        return False, "there is no password to log in with"
    jaas = JAAS.format(user=settings.user, password=password[0].unmask())
    properties = ["security.protocol=SASL_PLAINTEXT", "sasl.mechanism=SCRAM-SHA-512"]
    properties.append(f"sasl.jaas.config={jaas}")
    done, seen = answers(broker, settings.programs, settings.address, properties)
    seen = seen.replace(password[0].unmask(), str(password[0]))[:150]
    return done, seen or f"{settings.user} at {settings.address}"
