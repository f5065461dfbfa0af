"""A plan as a file: what a preview has shown, so that a run does exactly this or nothing.

Pure: `ops.site.plan_file` reads and writes it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from ops.api.plan import CHECK, UNKNOWN, Step, without_times

Key = tuple[str, str]

# Fingerprints are another run's each time (`ops.api.secret`), so that nobody can guess from a file.
_FINGERPRINT = re.compile(r"secret:[0-9a-f]{8}\b")


class Planned(msgspec.Struct, frozen=True):
    """What an operation would do on a host.

    + operation, host: which, and where
    + kind: one of `ops.api.plan.CLASSES`
    + lines: each change; for `Unknown until run` what was known, which a run need not repeat
    """

    operation: str
    host: str
    kind: str
    lines: list[str]


class SavedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """All that a preview has shown.

    + jobs: names of the deploys, such as `["fix_tags"]`
    + inventory: as it was named
    + made: when, with the zone
    + planned: in the order of their execution; what only looks is left out
    """

    format: Literal[1] = 1
    jobs: list[str]
    inventory: str
    made: str
    planned: list[Planned]


def planned(steps: Sequence[Step]) -> list[Planned]:
    """Return what steps would change; a check changes nothing, and may find other words."""
    return [
        Planned(step.name, entry.host.name, entry.kind, [str(line) for line in entry.exact])
        for step in steps
        for entry in step.entries
        if entry.kind != CHECK
    ]


def to_text(plan: SavedPlan) -> str:
    """Return the text of a file."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=2).decode() + "\n"


def from_text(text: str) -> SavedPlan:
    """Return the plan of a file's text; raises ValueError with a reason where it is none."""
    return msgspec.json.decode(text, type=SavedPlan)  # Its errors are ValueErrors.


def differences(then: Sequence[Planned], now: Sequence[Planned]) -> list[str]:
    """Return what is different: a heading for each operation on a host, then `-` and `+` lines.

    + then, now: what was planned, and what would be done now
    """
    before, after = _by_key(then), _by_key(now)
    keys = dict.fromkeys([*before, *after])
    return [line for key in keys for line in _difference(key, before.get(key), after.get(key))]


def _by_key(changes: Sequence[Planned]) -> dict[Key, Planned]:
    return {(change.operation, change.host): change for change in changes}


def _difference(key: Key, then: Planned | None, now: Planned | None) -> Iterator[str]:
    old, new = _compared(then), _compared(now)
    if old == new:
        return
    operation, host = key
    yield f"{operation} [{host}]"
    yield from (f"- {line}" for line in old if line not in new)
    yield from (f"+ {line}" for line in new if line not in old)
    if sorted(old) == sorted(new):
        yield "  in another order"


def _compared(change: Planned | None) -> list[str]:
    if change is None:
        return ["(nothing)"]
    if change.kind == UNKNOWN:
        return ["(unknown until run)"]
    return [_FINGERPRINT.sub("secret", without_times(line)) for line in change.lines]
