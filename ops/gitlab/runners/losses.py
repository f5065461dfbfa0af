"""Which runner lost which tags after how long, collected while they are watched."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.api.difference import show


def missing_tags(
    wanted: Mapping[int, Collection[str]], live: Mapping[int, Mapping[str, Any]]
) -> dict[int, set[str]]:
    """Return the tags that runners lack, by id; a runner that is gone lacks all of its tags."""
    missing = {
        number: set(tags) - set(live.get(number, {}).get("tag_list", []))
        for number, tags in wanted.items()
    }
    return {number: tags for number, tags in missing.items() if tags}


@dataclass
class Losses:
    """Remember for each runner and tag when its absence was first observed.

    + wanted: tags for each runner's id
    """

    wanted: Mapping[int, Collection[str]]
    seconds: dict[int, dict[str, float]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def observe(self, live: Mapping[int, Mapping[str, Any]], elapsed: float) -> list[str]:
        """Compare with the live runners and return a line for each new loss.

        + live: settings of the runners by id
        + elapsed: seconds since the watch began
        """
        lines = []
        self.gone |= set(self.wanted) - set(live)
        self.names |= {number: str(runner.get("description")) for number, runner in live.items()}
        for number, tags in sorted(missing_tags(self.wanted, live).items()):
            known = self.seconds.setdefault(number, {})
            new = tags - set(known)
            known.update(dict.fromkeys(new, elapsed))
            if new:
                gone = "" if number in live else " (the runner is gone)"
                lines.append(
                    f"after {elapsed:.0f} s runner {number} ({self.names.get(number, '?')}){gone}"
                    f" has lost {show(new)}"
                )
        return lines

    def table(self) -> list[str]:
        """Return a table of all losses, a line for each runner."""
        from tabulate import tabulate

        rows = [
            [number, self.names.get(number, "?"), show(set(tags)), f"{min(tags.values()):.0f} s"]
            for number, tags in sorted(self.seconds.items())
        ]
        return tabulate(rows, ["id", "runner", "lost tags", "after"]).splitlines()
