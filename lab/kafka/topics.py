"""The topics of the experiment: which messages are in their partitions, and when they came.

https://github.com/apache/kafka/blob/4.1/tools/src/main/java/org/apache/kafka/tools/GetOffsetShell.java
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

NAMES = ("dedup-lab-events", "dedup-lab-metrics")
PARTITIONS = 3
OLD = 4000  # messages in each partition from before


class Delivery(NamedTuple):
    """Messages that a client has brought, one after the other from `start` to `end` (seconds)."""

    start: float
    end: float
    messages: int


class Topics:
    """Offsets of the topics.

    + deliveries: returns what clients have brought so far, in any order
    """

    def __init__(self, deliveries: Callable[[], Iterable[Delivery]]) -> None:
        self.deliveries = deliveries

    def offsets(self, topics: str, time: str) -> list[str]:
        """Return `TOPIC:PARTITION:OFFSET`, as the program prints it.

        + topics: regular expression of their names
        + time: -1 or "latest", -2 or "earliest", or milliseconds since 1970: the offset of the
          first message that is not older. A partition without one has no line
        """
        lines = []
        for name in (name for name in NAMES if re.fullmatch(topics, name)):
            for partition in range(PARTITIONS):
                offset = self._offset(name, partition, time)
                if offset is not None:
                    lines.append(f"{name}:{partition}:{offset}")
        return lines

    def _offset(self, name: str, partition: int, time: str) -> int | None:
        if time in ("-2", "earliest"):
            return 0
        stamps = sorted(self._stamps(name, partition))
        if time in ("-1", "latest"):
            return OLD + len(stamps)
        found = next((n for n, stamp in enumerate(stamps) if stamp >= int(time)), None)
        return None if found is None else OLD + found

    def _stamps(self, name: str, partition: int) -> Iterable[int]:
        """Return when the messages came, in milliseconds; one partition gets none."""
        if partition == PARTITIONS - 1:
            return
        for start, end, messages in self.deliveries():
            share = messages // (PARTITIONS - 1)
            for number in range(share):
                yield int(1000 * (start + (end - start) * number / share))
