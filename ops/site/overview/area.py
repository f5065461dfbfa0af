"""A part of the site as the overview saw it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ops.api.need import Need

# The order in which to act is that of deploys/site.py.
JOBS = (
    "fix_tags", "ci_variables", "experiment_rbac", "widen_changes_filter", "kafka_config",
    "pipelines", "unblock_pipeline", "follow_experiment", "verify_kafka_sasl",
    "revert_super_users", "sync_master",
)  # fmt: skip


@dataclass
class Area:
    """A part of the site as it was seen.

    + name: what it is
    + lines: what was seen
    + problems: what needs attention, each with the job that brings it about
    + is_read: whether all of it was seen
    """

    name: str
    lines: list[str] = field(default_factory=list)
    problems: list[Need] = field(default_factory=list)
    is_read: bool = True

    def needs(self, text: str, host: str = "") -> None:
        """Add what needs attention.

        + text, host: as of `Need`
        """
        self.problems.append(Need.of(text, self.name, host))


def in_order(areas: Sequence[Area]) -> list[Need]:
    """Return what needs attention in the order in which to act: a cause before what comes of it.

    What no job brings about comes right behind the first one, which the others rest on.
    """
    needs = [need for area in areas for need in area.problems]
    return sorted(needs, key=lambda need: _turn(need.job))


def _turn(job: str) -> float:
    return JOBS.index(job) if job in JOBS else 0.5
