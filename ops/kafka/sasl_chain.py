"""The chain from Kafka's user to a login with SASL: what must agree so that clients get in."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pyinfra import context, host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.command_line import is_dry_run
from ops.api.console import report, report_proof
from ops.api.hosts import only
from ops.api.operation import operation
from ops.api.secret import Secret
from ops.api.verdict import verdict
from ops.api.visible import cut
from ops.http.watch import READ_ERRORS
from ops.kafka import links, password_variable
from ops.kafka.chain_settings import Settings as Settings

VARIABLE = "CI/CD variable"
MARKS = {True: "yes", False: "NO", None: "-"}
JAAS = (
    "org.apache.kafka.common.security.scram.ScramLoginModule required"
    ' username="{user}" password="{password}";'
)


# Looks at a link; returns whether it is OK, and what was seen.
See = Callable[[], tuple[bool, str]]


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
            exported_as="KAFKA_PASSWORD", client_files=["client.cpp"], user="example",
            topics=lambda: ["results"], library=lambda: "librdkafka 2.6.1", host="kafka", port=9094,
            logs_in=True, programs="/opt/kafka/bin",
        ),
    )
    ```
    """
    last = "login with SCRAM" if settings.logs_in else "connection without a login"
    text = f"verify the chain: nine links, the last one a {last}"
    yield Action(text, verify, settings, changes=_now(settings), is_check=True)


def _now(settings: Settings) -> list[str]:
    if not is_dry_run():
        return []
    found = look(context.state, host, settings, login=False)
    return [f"{MARKS[link.ok]:<3} {link.name}: {link.seen}" for link in found]


def verify(state: State, host: Host, settings: Settings) -> bool:
    """Look at all links, print them as a table, and return whether all are OK."""
    found = look(state, host, settings)
    report(host, table(found))
    broken = [link for link in found if not link.ok]
    for link in broken:
        text = "is broken" if link.ok is False else "is unknown"
        verdict.undone(link.name, f"{text}: {link.seen}")
    if not broken:
        report_proof(host, f"all {len(found)} links hold")
    return all(link.ok is not False for link in found)


def look(state: State, broker: Host, settings: Settings, *, login: bool = True) -> list[Link]:
    """Return all links as they are; the record of the run has them.

    + state: knows the other hosts
    + broker: the host that is a broker's pod
    + settings: what the links are called
    + login: whether the last link, a connection, is tried
    """
    one = functools.partial(only, state.inventory)
    password: list[Secret] = []
    of_login: dict[str, See] = {
        "KafkaUser is Ready": lambda: links.user(one("kafka_user")),
        "rights of the user": lambda: links.rights_of(one("kafka"), one("kafka_user"), settings),
        "Secret has its keys": lambda: links.secret(one("kafka_secret"), password),
        VARIABLE: lambda: password_variable.variable(one("project"), settings, password),
        settings.ci_file: lambda: links.exported(one("project"), settings),
        "the client's source": lambda: links.source(one("project"), settings),
        "the client's library": lambda: links.library(one("kafka"), settings),
    }
    if settings.logs_in:
        found = [_link(name, see) for name, see in of_login.items()]
    else:
        text = f"does not apply: nobody logs in at port {settings.port}"
        found = [Link(name, None, text) for name in of_login]
    found.append(_link("the port in CI", lambda: links.port(one("project"), settings)))
    if login:
        name = "login with SCRAM" if settings.logs_in else "connection without login"
        there = functools.partial(links.connection, one("kafka"), broker, settings, password)
        found.append(_link(name, there))
    rows = [{"name": link.name, "ok": link.ok, "seen": link.seen} for link in found]
    # By now: in a preview the host is another one when it is asked for.
    seen = {"host": broker.name, "links": rows}
    verdict.observe("chains", lambda: seen)
    return found


def table(found: Sequence[Link]) -> list[str]:
    """Return a table of links."""
    from tabulate import tabulate

    rows = [[link.name, MARKS[link.ok], link.seen] for link in found]
    headers = ["link", "ok", "seen"]
    return tabulate(rows, headers, maxcolwidths=[24, None, 34]).splitlines()


def _link(name: str, see: See) -> Link:
    try:
        ok, seen = see()
    except (*READ_ERRORS, KeyError, TypeError, ValueError) as error:
        return Link(name, False, cut(f"not readable: {error}", 300))
    return Link(name, ok, seen)
