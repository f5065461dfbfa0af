"""What a run would change, collected while pyinfra prepares and shown in the order of the deploy.

pyinfra prepares hosts in parallel, so what is printed right then comes in any order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyinfra.api.host import Host
from pyinfra.api.state import State

CHANGE, CONDITIONAL, UNKNOWN = "Change", "Conditional", "Unknown until run"
CLASSES = (CHANGE, CONDITIONAL, UNKNOWN)


@dataclass(frozen=True)
class Entry:
    """What an operation would do on a host.

    + host: where
    + kind: one of CLASSES
    + lines: differences, and requests or commands
    """

    host: Host
    kind: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Step:
    """An operation and what it would do on each of its hosts."""

    name: str
    entries: Sequence[Entry]


class Plan:
    """The entries of the operations that were prepared so far."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._entries

    def add(self, op_hash: str, entry: Entry) -> None:
        """Remember what an operation would do on a host."""
        self._entries.setdefault(op_hash, []).append(entry)

    def take(self, state: State) -> list[Step]:
        """Return all steps in the order of their execution, and forget them."""
        order = {host.name: number for number, host in enumerate(state.inventory)}
        entries, self._entries = self._entries, {}
        return [
            Step(
                ", ".join(sorted(state.get_op_meta(op_hash).names)),
                sorted(entries[op_hash], key=lambda entry: order[entry.host.name]),
            )
            for op_hash in state.get_op_order()
            if op_hash in entries
        ]

    @staticmethod
    def summary(steps: Sequence[Step]) -> list[str]:
        """Return a table that counts, for each step, the hosts in each class."""
        from tabulate import tabulate

        counts = {
            step.name: [sum(entry.kind == kind for entry in step.entries) for kind in CLASSES]
            for step in steps
        }
        counts["Grand total"] = [sum(column) for column in zip(*counts.values(), strict=True)]
        table = [[name, *(count or "-" for count in row)] for name, row in counts.items()]
        align = ("left", *("right" for _ in CLASSES))
        headers = ["Operation", *CLASSES]
        return tabulate(table, headers, tablefmt="plain", colalign=align).splitlines()


plan = Plan()
