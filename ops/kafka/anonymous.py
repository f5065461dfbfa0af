"""Whether clients without a login have lost their rights, asked of each broker without one.

`kafka-configs.sh --describe` of a broker is answered by that broker itself, and refused to those
who may do nothing. `kafka-topics.sh --list` (nothing, exit code 0), `kafka-acls.sh --list` and the
versions of the API would prove nothing, and a change through `kafka-configs.sh --alter` is answered
"Completed" and does nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyinfra.api.host import Host

from ops.api.visible import cut
from ops.http.watch import READ_ERRORS, ask
from ops.kafka.rights import open_ports
from ops.kafka.tools import run
from ops.kubernetes.facts import Object, Pods
from ops.kubernetes.pods import unfit

REFUSED = "ClusterAuthorizationException"
DESCRIBED = "Dynamic configs for broker"


@dataclass(frozen=True)
class Answer:
    """What was seen at a broker: None where it does not tell whether anonymous clients have rights.

    + where: "broker 1", or what could not be asked
    """

    where: str
    have_rights: bool | None
    seen: str

    def __str__(self) -> str:
        words: dict[bool | None, str] = {
            True: "anonymous clients have ALL rights",
            False: "anonymous clients are refused",
        }
        return f"{self.where}: {words.get(self.have_rights, 'NOT proven')} ({self.seen})"


def answers(cluster: Host, broker: Host, programs: str) -> list[Answer]:
    """Ask each broker of a cluster, without a login, for what only a known client may see.

    + cluster: the host that is the Kafka resource
    + broker: the host that is a broker's pod, in which Kafka's program runs
    + programs: directory of Kafka's programs there; empty: on the PATH
    """
    try:
        live = ask(cluster, Object)
        pods = ask(cluster, Pods, namespace=live["metadata"]["namespace"], selector=brokers(live))
    except READ_ERRORS as error:
        return [Answer("the brokers", None, cut(f"not readable: {error}", 200))]
    plain, with_tls = open_ports(live)
    if not plain and not with_tls:
        return [Answer("each broker", False, "no listener lets anybody in without a login")]
    if not plain:
        text = f"only TLS at {', '.join(map(str, with_tls))} is without a login"
        return [Answer("each broker", None, f"{text}, and that is not asked")]
    if not pods:
        return [Answer("the brokers", None, f"no pod has the labels {brokers(live)}")]
    return [answer(pod, broker, plain[0], programs) for pod in pods]


def brokers(live: Mapping[str, Any]) -> str:
    """Return the label selector of a cluster's brokers: its controllers look alike otherwise."""
    return f"strimzi.io/cluster={live['metadata']['name']},strimzi.io/broker-role=true"


def answer(pod: Mapping[str, Any], broker: Host, port: int, programs: str) -> Answer:
    """Ask the broker of a pod; the other arguments are those of `answers`."""
    name = pod["metadata"]["name"]
    number = re.search(r"-(\d+)$", name)
    if number is None:
        return Answer(name, None, "its name does not end with the number of a broker")
    where = f"broker {number[1]}"
    reason = unfit(pod)
    if reason:
        return Answer(where, None, f"its pod {name} is {reason}")
    arguments = [
        *("--bootstrap-server", f"localhost:{port}"),
        *("--describe", "--entity-type", "brokers", "--entity-name", number[1]),
    ]
    try:
        said = run(broker, programs, "kafka-configs.sh", arguments)
    except OSError as error:  # also a time-out
        return Answer(where, None, cut(str(error), 150))
    # Of a broker that is down its neighbours say with 0 that it does not exist (Kafka 4.4).
    if said.code == 0 and f"{DESCRIBED} {number[1]} are" in said.text:
        return Answer(where, True, f"port {port}")
    if said.code == 1 and REFUSED in said.text:
        return Answer(where, False, REFUSED)
    return Answer(where, None, cut(said.reason(), 150))
