"""Demand and supply: which pending job waits for which tags, and which runner could take it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.api.difference import show

Runners = Mapping[int, Mapping[str, Any]]
HEADERS = ("pending job", "needs", "could be taken by")
NARROWEST = 20  # of the last column


@dataclass(frozen=True)
class Demand:
    """A pending job.

    + job: its name
    + tags: what a runner must have
    + ready: ids of the runners that could take it now
    + after_tags: ids of the runners that could take it once they have the tags they should have
    + reason: why no runner can take it as things are, or an empty text
    """

    job: str
    tags: frozenset[str]
    ready: Sequence[int]
    after_tags: Sequence[int]
    reason: str

    @property
    def is_servable(self) -> bool:
        """Whether a runner can take it now, or once it has its tags."""
        return bool(self.ready or self.after_tags)


def demand(
    job: Mapping[str, Any], runners: Runners, wanted: Mapping[int, Collection[str]]
) -> Demand:
    """Compare what a job needs with what the runners are, and with the tags they should have.

    + job: as GitLab's API shows it
    + runners: live settings by id
    + wanted: the tags that each runner should have, by id
    """
    tags = frozenset(job["tag_list"])
    able = [n for n, runner in sorted(runners.items()) if _takes(tags, runner, runner["tag_list"])]
    later = [
        n
        for n, runner in sorted(runners.items())
        if n not in able and n in wanted and _takes(tags, runner, wanted[n])
    ]
    ready = [n for n in able if not _obstacle(runners[n])]
    after_tags = [n for n in later if not _obstacle(runners[n])]
    reason = "" if ready or after_tags else _reason(tags, [*able, *later], runners)
    return Demand(str(job["name"]), tags, ready, after_tags, reason)


def table(demands: Sequence[Demand], runners: Runners, width: int = 0) -> list[str]:
    """Return a table: job, tags, and who could take it or why nobody can.

    + demands: a row for each
    + runners: live settings by id
    + width: columns to use, in which the last cell of a row is wrapped; 0: as many as it takes
    """
    from tabulate import tabulate

    rows = [[d.job, show(d.tags), _who(d, runners)] for d in demands]
    last = max(width - _used(rows), NARROWEST) if width else None
    lines = tabulate(rows, HEADERS, maxcolwidths=[None, None, last]).splitlines()
    return [line.rstrip() for line in lines]


def _used(rows: Sequence[Sequence[str]]) -> int:
    """Return how many columns the first two cells take; tabulate pads headers, too."""
    longest = [max(len(row[n]) for row in [*rows, [f"{h}  " for h in HEADERS]]) for n in (0, 1)]
    return sum(longest) + 2 * len("  ")


def _takes(tags: frozenset[str], runner: Mapping[str, Any], has: Collection[str]) -> bool:
    if not tags:
        return bool(runner["run_untagged"])
    return tags <= set(has)


def _obstacle(runner: Mapping[str, Any]) -> str:
    if runner["paused"]:
        return "paused"
    return "" if runner["online"] else "offline"


def _reason(tags: frozenset[str], able: Sequence[int], runners: Runners) -> str:
    if not able:
        wanted = f"all of {show(tags)}" if tags else "jobs without tags"
        return f"no runner is meant for {wanted}"
    return "; ".join(f"{_name(n, runners)} is {_obstacle(runners[n])}" for n in able)


def _who(found: Demand, runners: Runners) -> str:
    if found.ready or found.after_tags:
        names = ", ".join(_name(n, runners) for n in found.ready or found.after_tags)
        return names if found.ready else f"{names} (once tagged)"
    return f"nobody: {found.reason}"


def _name(number: int, runners: Runners) -> str:
    return f"{number} {runners[number]['description']}"
