"""What the rules say of a job or of a pipeline, and the words for it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ops.api.visible import cut
from ops.gitlab.ci.configuration import Rule

_LONGEST = 100  # of a condition that is shown


@dataclass(frozen=True)
class Fate:
    """What the rules say of a job, or of the pipeline itself.

    + exists: whether there is one; None: undecided
    + is_manual: whether it waits, or may wait, for a person
    + rule: the rule that decides, or on which it depends; None: no rule does
    + unmatched: rules whose condition is true, but of whose files none has changed or exists
    + why: what cannot be decided, where that is no rule
    + is_bridge: whether it triggers another pipeline: such jobs are listed in another place
    + has_copies: whether there are several of it, with names of their own (`parallel`)
    + is_at_edge: whether it is in the stage .pre or .post, whose jobs alone make no pipeline
    """

    exists: bool | None
    is_manual: bool = False
    rule: Rule | None = None
    unmatched: Sequence[Rule] = ()
    why: str = ""
    is_bridge: bool = False
    has_copies: bool = False
    is_at_edge: bool = False


def is_there(name: str, fate: Fate, present: Collection[str]) -> bool:
    """Return whether a job, or a copy of it, is among the names of a pipeline's jobs.

    GitLab calls copies `job 1/3` or `job: [a, b]`.
    """
    copy = re.compile(re.escape(name) + r"(?: \d+/\d+|: \[.*\])", re.DOTALL)
    return name in present or (fate.has_copies and any(map(copy.fullmatch, present)))


def words(rule: Rule) -> str:
    """Return a rule in words: its number and line, and what it asks for."""
    condition = cut(" ".join(str(rule.content.get("if", "")).split()), _LONGEST)
    parts = [f"if: {condition}"] if condition else []
    parts += [name for name in ("changes", "exists") if name in rule.content]
    parts += [f"when: {rule.content['when']}"] if "when" in rule.content else []
    place = f" in line {rule.line}" if rule.line else ""
    return f"rule {rule.number}{place} ({', '.join(parts) or 'without conditions'})"


def reason(fate: Fate) -> str:
    """Return what it depends on whether there is a job, or a pipeline."""
    if fate.why or fate.rule is None:
        return fate.why or "its `only` or `except` cannot be decided"
    return f"it depends on {words(fate.rule)}"
