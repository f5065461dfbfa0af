"""The jobs that a pipeline should have: those of the CI configuration, or of somebody's list."""

from collections.abc import Sequence
from dataclasses import dataclass

from ops.gitlab.ci.fate import Fate, is_there, reason
from ops.gitlab.ci.pipeline import Outcome
from ops.gitlab.pipelines.status import Jobs


@dataclass(frozen=True)
class Required:
    """Jobs that have to be in a pipeline: neither manual ones, nor those that are undecided.

    + names: their names, in the order of the configuration
    + undecided: why it cannot be said which jobs these are; empty where it can
    + open: jobs of which it cannot be said whether they are in it, each with the reason
    + with_copies: those that stand several times in a pipeline (`parallel`)
    + manual: jobs that wait for a person
    + is_listed: whether somebody has listed them, and not the configuration
    """

    names: Sequence[str] = ()
    undecided: str = ""
    open: Sequence[str] = ()
    with_copies: frozenset[str] = frozenset()
    manual: frozenset[str] = frozenset()
    is_listed: bool = False

    def missing(self, jobs: Jobs) -> list[str]:
        """Return the names of the jobs that are not there."""
        present = {str(job["name"]) for job in jobs}
        return [name for name in self.names if not self._is_in(name, present)]

    def _is_in(self, name: str, present: set[str]) -> bool:
        return is_there(name, Fate(True, has_copies=name in self.with_copies), present)


def listed(names: Sequence[str]) -> Required:
    """Return the jobs that somebody has listed."""
    return Required(tuple(names), is_listed=True)


def by_rules(outcome: Outcome) -> Required:
    """Return the jobs that the rules make.

    Where there are none that are sure, and others that are not, it is undecided.
    """
    doubtful = [name for name in outcome.undecided() if outcome.pipeline.exists is not False]
    names = outcome.required()
    undecided = ""
    if outcome.pipeline.exists is None:
        undecided = f"whether there is a pipeline: {reason(outcome.pipeline)}"
    elif doubtful and not names:
        undecided = f"{doubtful[0]}: {reason(outcome.jobs[doubtful[0]])}"
    copies = frozenset(name for name in names if outcome.jobs[name].has_copies)
    doubts = [f"{name} ({reason(outcome.jobs[name])})" for name in doubtful]
    manual = frozenset(name for name, fate in outcome.jobs.items() if fate.is_manual)
    return Required(tuple(names), undecided, tuple(doubts), copies, manual)
