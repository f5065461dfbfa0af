"""A plan as a file: what a preview has shown, so that a run does exactly this or nothing.

Pure: `ops.site.plan_file` reads and writes it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec

from ops.api.plan import CHECK, UNKNOWN, Step, without_times

NOTHING = ["(nothing)"]

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


def differences(then: Sequence[Planned], now: Sequence[Planned]) -> dict[str, list[str]]:
    """Return what is different: `-` and `+` lines for each operation on a host.

    + then, now: what was planned, and what would be done now
    """
    before, after = _by_place(then), _by_place(now)
    places = dict.fromkeys([*before, *after])
    found = {place: _difference(before.get(place), after.get(place)) for place in places}
    return {place: lines for place, lines in found.items() if lines}


def _by_place(changes: Sequence[Planned]) -> dict[str, list[str]]:
    """Return all that is to be done by operations of a name on a host: there may be several."""
    places: dict[str, list[str]] = {}
    for change in changes:
        lines = places.setdefault(f"{change.operation} [{change.host}]", [])
        lines += _compared(change)
    return places


def _difference(then: list[str] | None, now: list[str] | None) -> list[str]:
    old, new = Counter(then or NOTHING), Counter(now or NOTHING)
    lines = [*(f"- {line}" for line in (old - new)), *(f"+ {line}" for line in (new - old))]
    return lines or ([] if then == now else ["in another order"])


def _compared(change: Planned) -> list[str]:
    if change.kind == UNKNOWN:
        return ["(unknown until run)"]
    return [_FINGERPRINT.sub("secret", without_times(line)) for line in change.lines]
