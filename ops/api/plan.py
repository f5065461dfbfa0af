"""What a run would change, collected while pyinfra prepares and shown in the order of the deploy.

pyinfra prepares hosts in parallel, so what is printed right then comes in any order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyinfra.api.host import Host
from pyinfra.api.state import State

CHANGE, CONDITIONAL, UNKNOWN = "Change", "Conditional", "Unknown until run"
CHECK = "Check"
_SPACE = 4  # between two columns of the table
CLASSES = (CHANGE, CONDITIONAL, UNKNOWN, CHECK)

# The time of a record is another one when it is written.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z")


@dataclass(frozen=True)
class Entry:
    """What an operation would do on a host.

    + host: where
    + kind: one of CLASSES
    + lines: differences, and requests or commands
    + changes: the differences alone
    + brief: the lines without the requests that make these differences
    """

    host: Host
    kind: str
    lines: Sequence[str]
    changes: Sequence[str] = ()
    brief: Sequence[str] = ()


@dataclass(frozen=True)
class Step:
    """An operation and what it would do on each of its hosts."""

    name: str
    entries: Sequence[Entry]


class Plan:
    """The entries of the operations that were prepared so far."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._shown: dict[tuple[str, str], set[str]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._entries

    def add(self, op_hash: str, entry: Entry) -> None:
        """Remember what an operation would do on a host."""
        self._entries.setdefault(op_hash, []).append(entry)
        self._shown.setdefault((op_hash, entry.host.name), set()).update(entry.changes)

    def unseen(self, op_hash: str, host: Host, changes: Sequence[str]) -> list[str]:
        """Return the differences of an operation on a host that were not in the plan."""
        shown = self._shown.get((op_hash, host.name), set())
        known = {_TIME.sub("", line) for line in shown}
        return [line for line in changes if _TIME.sub("", line) not in known]

    def take(self, state: State) -> list[Step]:
        """Return all steps in the order of their execution, and forget them."""
        self._count_once(state)
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

    def _count_once(self, state: State) -> None:
        """Let what an earlier step already does, to the letter, be no change a second time."""
        first: dict[tuple[str, tuple[str, ...]], str] = {}
        for op_hash in state.get_op_order():
            entries = self._entries.get(op_hash, [])
            name = ", ".join(sorted(state.get_op_meta(op_hash).names))
            for place, entry in enumerate(entries):
                what = (entry.host.name, tuple(entry.lines))
                if entry.kind == CHANGE and first.setdefault(what, name) != name:
                    done = f"nothing more: {first[what]} does it"
                    entries[place] = replace(
                        entry, kind=CHECK, lines=[done], changes=(), brief=[done]
                    )

    @staticmethod
    def summary(steps: Sequence[Step], width: int) -> list[str]:
        """Return a table that counts, for each step, the hosts in each class.

        + steps: what was planned
        + width: columns to use, in which long names are wrapped; 0: as many as there must be
        """
        from tabulate import tabulate

        counts = {
            step.name: [sum(entry.kind == kind for entry in step.entries) for kind in CLASSES]
            for step in steps
        }
        counts["Grand total"] = [sum(column) for column in zip(*counts.values(), strict=True)]
        table = [[name, *(count or "-" for count in row)] for name, row in counts.items()]
        align = ("left", *("right" for _ in CLASSES))
        headers = ["Operation", *CLASSES]
        longest = width - sum(len(name) + _SPACE for name in CLASSES) if width else None
        return tabulate(
            table, headers, tablefmt="plain", colalign=align, maxcolwidths=[longest]
        ).splitlines()


plan = Plan()
