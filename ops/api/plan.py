"""What a run would change, collected while pyinfra prepares and shown in the order of the deploy.

pyinfra prepares hosts in parallel, so what is printed right then comes in any order.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State

CHANGE, CONDITIONAL, UNKNOWN = "Change", "Conditional", "Unknown until run"
CHECK = "Check"
_SPACE = 4  # between two columns of the table
CLASSES = (CHANGE, CONDITIONAL, UNKNOWN, CHECK)

# The time of a record is another one when it is written.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:-]+Z")


@dataclass(frozen=True)
class Entry:
    """What an operation would do on a host.

    + host: where
    + kind: one of CLASSES
    + lines: differences, and requests or commands
    + changes: the differences alone
    + brief: the lines without the requests that make these differences
    + exact: the same, with nothing shortened or added for the eye
    + commands: the requests and commands, as the document of the run has them
    + reason: why it is of this class, where that does not go without saying
    + is_check: whether it only looks, which a conditional one may do, too
    """

    host: Host
    kind: str
    lines: Sequence[str]
    changes: Sequence[str] = ()
    brief: Sequence[str] = ()
    exact: Sequence[str] = ()
    commands: Sequence[Mapping[str, Any]] = ()
    reason: str = ""
    is_check: bool = False

    @property
    def changes_something(self) -> bool:
        """Whether it may change something: a check does not, whatever decides that it comes."""
        return self.kind != CHECK and not self.is_check


@dataclass(frozen=True)
class Step:
    """An operation and what it would do on each of its hosts."""

    name: str
    entries: Sequence[Entry]


def without_times(line: str) -> str:
    """Return a line of a plan without the time at which something is to be recorded."""
    return _TIME.sub("", line)


def _without(lines: Sequence[str], known: Collection[str]) -> list[str]:
    told = {without_times(line) for line in known}
    return [line for line in lines if without_times(line) not in told]


class Plan:
    """The entries of the operations that were prepared so far.

    + is_binding: whether what is not in it must not be done
    + prepared: the operations of this project, which say what they change
    """

    def __init__(self) -> None:
        self.is_binding = False
        self.prepared: set[str] = set()
        self._entries: dict[str, list[Entry]] = {}
        self._shown: dict[tuple[str, str], set[str]] = {}
        self._exact: dict[tuple[str, str], set[str]] = {}
        self._open: set[tuple[str, str]] = set()  # what steps before decide

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._entries

    def add(self, op_hash: str, entry: Entry) -> None:
        """Remember what an operation would do on a host."""
        self._entries.setdefault(op_hash, []).append(entry)
        key = (op_hash, entry.host.name)
        self._shown.setdefault(key, set()).update(entry.changes)
        self._exact.setdefault(key, set()).update(entry.exact)
        if entry.kind in (UNKNOWN, CONDITIONAL):
            self._open.add(key)

    def unseen(self, op_hash: str, host: Host, changes: Sequence[str]) -> list[str]:
        """Return the differences of an operation on a host that were not in the plan."""
        return _without(changes, self._shown.get((op_hash, host.name), set()))

    def missing(self, op_hash: str, host: Host, lines: Sequence[str]) -> list[str]:
        """Return what a saved plan, which is binding, does not have of what is to be done."""
        if not self.is_binding or self.is_open(op_hash, host):
            return []
        return _without(lines, self._exact.get((op_hash, host.name), set()))

    def is_open(self, op_hash: str, host: Host) -> bool:
        """Return whether steps of the run itself decide what an operation does on a host."""
        return (op_hash, host.name) in self._open

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
                        entry,
                        kind=CHECK,
                        lines=[done],
                        changes=(),
                        brief=[done],
                        exact=[done],
                        commands=(),
                        reason=done,
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
