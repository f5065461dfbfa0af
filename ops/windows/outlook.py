"""What is to come: each time that is allowed, and what calendars and other rules leave of it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ops.windows.decision import Plan, What
from ops.windows.span import ALWAYS_UNTIL, Source, Span, without
from ops.windows.window import Date, Rules, Window, duration

# How many times one looks at for each that is wanted: those that are denied are told as well.
_MORE = 4


@dataclass(frozen=True)
class Opening:
    """A time that is allowed.

    + allowed: when, and by which rule
    + left: what of it is open
    + denied_by: why the rest is not
    """

    allowed: Span
    left: tuple[Span, ...]
    denied_by: tuple[str, ...]


def outlook(
    what: Iterable[What],
    now: datetime,
    rules: Rules,
    count: int,
    *,
    denied_by: Iterable[Source] = (),
) -> list[Opening]:
    """Return the times that are allowed next, until so many of them are open at least in part.

    + what, now, rules, denied_by: as in `decide_for`
    + count: how many
    """
    plan, now = Plan.of(rules, what, denied_by), now.astimezone(UTC)
    if not plan.allowing:
        found = (Opening(span, (span,), ()) for span in plan.open_from(now))
        return [opening for opening, _ in zip(found, range(count), strict=False)]
    told: list[Opening] = []
    for span in Plan(plan.allowing, ()).open_from(now):
        denied = plan.denies(span.start, span.end)
        left = tuple(without([span], denied))
        told.append(Opening(span, left, tuple(dict.fromkeys(each.why for each in denied))))
        if sum(bool(one.left) for one in told) >= count or len(told) >= count * _MORE:
            break
    return told


def useless(now: datetime, rules: Rules, denied_by: Collection[Source]) -> Iterator[str]:
    """Say which rules do nothing any more, or never open what they allow.

    + now, rules, denied_by: as in `decide`
    """
    now = now.astimezone(UTC)
    kept = duration(rules.put_back) if rules.put_back else timedelta(0)
    for rule in rules.all:
        if isinstance(rule, Date) and not any(rule.spans(now, ALWAYS_UNTIL)):
            yield f"{rule.name} is over"
        elif rule.effect == "allow":
            yield from _never(rule, now, rules, denied_by, kept)


def _never(
    rule: Window | Date,
    now: datetime,
    rules: Rules,
    denied_by: Collection[Source],
    kept: timedelta,
) -> Iterator[str]:
    what = [(job, rule.groups) for job in rule.jobs or ("",)]
    denying = Plan.of(rules, what, denied_by).denying
    alone = Plan(((rule,),), denying)
    if any(span.end - span.start > kept for span in alone.open_from(now)):
        return
    first = next(Plan(((rule,),), ()).open_from(now), None)
    denied = alone.denies(first.start, first.end) if first else []
    reasons = list(dict.fromkeys(span.why for span in denied))
    why = f"it is denied by {', '.join(reasons)}" if reasons else ""
    if not why and kept:
        why = f"it is not longer than the {rules.put_back} for putting back"
    yield f"{rule.name} never opens: {why or 'it does not come'}"
