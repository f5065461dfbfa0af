"""Which runner had which of its tags when, while they were watched: for the record of the run."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ops.gitlab.runners.losses import missing_tags

MOST_CHANGES = 400  # Of a site that loses tags at each look a record does not grow without end.
MOST_RUNNERS = 200
LOST, GONE, BACK, SET = "lost", "gone", "back", "set"


@dataclass
class Lanes:
    """What was seen at each look.

    + host: name of the host that is watched
    + wanted: tags for each runner's id
    + limit: seconds for which they are watched
    + interval: seconds between two looks
    """

    host: str
    wanted: Mapping[int, Collection[str]]
    limit: float
    interval: float
    _began: datetime = field(default_factory=lambda: datetime.now().astimezone())
    _seconds: float = 0
    _reads: int = 0
    _names: dict[int, str] = field(default_factory=dict)
    _missing: dict[int, set[str]] = field(default_factory=dict)
    _changes: list[dict[str, Any]] = field(default_factory=list)
    _left_out: int = 0

    def observe(self, live: Mapping[int, Mapping[str, Any]], elapsed: float) -> None:
        """Remember what is other than at the look before.

        + live: settings of the runners by id
        + elapsed: seconds since the watch began
        """
        self._reads, self._seconds = self._reads + 1, elapsed
        self._names |= {number: str(live[number].get("description")) for number in live}
        missing = missing_tags(self.wanted, live)
        for number in sorted(self.wanted):
            before, now = self._missing.get(number, set()), missing.get(number, set())
            self._note(number, LOST if number in live else GONE, now - before, elapsed)
            self._note(number, BACK, before - now, elapsed)
        self._missing = missing

    def was_set(self, number: int, elapsed: float) -> None:
        """Remember that the run has set the tags of a runner."""
        self._note(number, SET, self._missing.pop(number, set()), elapsed)

    def document(self) -> dict[str, Any]:
        """Return it as docs/run.schema.json says."""
        numbers = sorted(self.wanted)[:MOST_RUNNERS]
        return {
            "host": self.host,
            "began": self._began.isoformat(timespec="milliseconds"),
            "seconds": round(self._seconds, 3),
            "limit": self.limit,
            "interval": self.interval,
            "reads": self._reads,
            "runners": [
                {"id": n, "name": self._names.get(n), "tags": sorted(self.wanted[n])}
                for n in numbers
            ],
            "changes": [change for change in self._changes if change["runner"] in numbers],
            "left_out": self._left_out,
        }

    def _note(self, number: int, kind: str, tags: Iterable[str], elapsed: float) -> None:
        found = sorted(tags)
        if not found:
            return
        if len(self._changes) >= MOST_CHANGES:
            self._left_out += 1
            return
        self._changes.append(
            {"runner": number, "seconds": round(elapsed, 3), "kind": kind, "tags": found}
        )
