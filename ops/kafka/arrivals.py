"""Whether messages arrived in topics of Kafka in some time: the only sign that a client got in.

A client's line "ready" comes before its login, and a producer that cannot deliver ends without one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil

from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

from ops.api.operation import read
from ops.kafka.facts import Offsets
from ops.kafka.rights import ANONYMOUS, open_ports, rights
from ops.kubernetes.facts import Object

Partition = tuple[str, int]


def between(
    cluster: Host,
    broker: Host,
    programs: str,
    topics: Sequence[str],
    start: datetime,
    end: datetime,
) -> dict[str, int]:
    """Return how many messages came to each topic from one moment to another.

    + cluster: the host that is the Kafka resource
    + broker: the host that is a broker's pod, in which Kafka's own program is asked
    + programs: directory of Kafka's programs there; empty: on its PATH
    + topics: their names

    Kafka is asked without a login. Where that has no rights already there is none to take away, and
    nothing is returned. The moments are those of the messages' time stamps. Raises OperationError
    in words where Kafka cannot be asked, or has no such topic.
    """
    live = read(cluster, Object)
    if live and not rights(live).holding([ANONYMOUS]):
        return {}
    ports, _ = open_ports(live) if live else ([], [])
    if not ports:
        raise OperationError(f"{cluster.name}: no listener without a login and TLS to ask at")
    server = f"localhost:{ports[0]}"

    def at(time: str) -> Mapping[Partition, int]:
        found: Mapping[Partition, int] = read(
            broker, Offsets, server=server, topics=topics, time=time, programs=programs
        )
        return found

    # Where no message is newer there is no line: then all that there is is older.
    latest = at("latest")
    missing = sorted(set(topics) - {topic for topic, _ in latest})
    if missing:
        raise OperationError(f"{cluster.name}: it has no topic {', '.join(missing)}")
    first, after = at(f"{int(1000 * start.timestamp())}"), at(f"{ceil(1000 * end.timestamp()) + 1}")
    return count(latest, first, after)


def count(
    latest: Mapping[Partition, int],
    first: Mapping[Partition, int],
    after: Mapping[Partition, int],
) -> dict[str, int]:
    """Return how many messages are between two offsets, by topic.

    + latest: the end of each partition
    + first, after: the first message that is not older than the beginning, and than the end;
      a partition without one is missing
    """
    found: dict[str, int] = {}
    for partition, end in latest.items():
        number = after.get(partition, end) - first.get(partition, end)
        found[partition[0]] = found.get(partition[0], 0) + max(0, number)
    return found
