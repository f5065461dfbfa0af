"""May a job change something now, until when, and if not, when then?

Deny wins. Where no window or date allows anything for a job on these hosts, it is restricted only
by what denies.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from ops.api.wording import duration as in_units
from ops.windows.span import ALWAYS_UNTIL, Source, Span, both, union, without
from ops.windows.window import Date, Rules, Window, duration

# The job of a change, and the groups of its host.
What = tuple[str, Collection[str]]

# How far one looks for an end; what is open for so long has none that matters to a run.
SIGHT = timedelta(days=35)
# A 29th of February comes again after 8 years at the latest.
FAR = timedelta(days=9 * 366)


@dataclass(frozen=True)
class Open:
    """It may run.

    + why: the rule that allows it; empty where nothing restricts it
    + until: when it is over, in UTC; None: not within the next five weeks
    + begin_until: until when something new may be begun: the time for putting back is kept
    """

    why: str
    until: datetime | None
    begin_until: datetime | None


@dataclass(frozen=True)
class Closed:
    """It may not run.

    + because: the rule that denies it, or that no window is open
    + opens: when it may, in UTC; None: never, as far as can be seen
    """

    because: str
    opens: datetime | None


def decide(
    now: datetime,
    rules: Rules,
    *,
    job: str,
    groups: Collection[str] = (),
    denied_by: Iterable[Source] = (),
) -> Open | Closed:
    """Decide whether a job may change something on a host.

    + now: an instant that has a zone
    + rules: the windows and dates that are configured
    + job: which job wants to
    + groups: the groups of the host
    + denied_by: calendars, freeze periods, and what could not be read
    """
    return decide_for([(job, groups)], now, rules, denied_by=denied_by)


@dataclass(frozen=True)
class Takes:
    """How long something takes that has to be over at the end of a window.

    + time: so long
    + known_by: where that is known from, in words
    """

    time: timedelta
    known_by: str


def decide_for(
    what: Iterable[What],
    now: datetime,
    rules: Rules,
    *,
    denied_by: Iterable[Source] = (),
    takes: Takes | None = None,
) -> Open | Closed:
    """Decide whether all of several changes may be made, which is so while each of them may.

    + what: the job of each change, and the groups of its host
    + now, rules, denied_by: as in `decide`
    + takes: how long all of it takes, for what begins now; None: not known, or it has begun
    """
    plan = Plan.of(rules, what, denied_by)
    now = now.astimezone(UTC)
    kept = duration(rules.put_back) if rules.put_back else timedelta(0)
    kept += takes.time if takes else timedelta(0)
    denied = [span for span in plan.denies(now, now + timedelta(seconds=1)) if _holds(span, now)]
    if denied:
        return Closed(denied[0].why, _next(plan, now, kept))
    for span in plan.open(now, now + SIGHT):
        if _holds(span, now):
            until = span.end if span.end < now + SIGHT else None
            begin_until = until - kept if until else None
            if begin_until and now >= begin_until:
                return Closed(_too_late(span, now, rules, takes), _next(plan, span.end, kept))
            return Open(span.why, until, begin_until)
    return Closed("no window is open", _next(plan, now, kept))


def _too_late(span: Span, now: datetime, rules: Rules, takes: Takes | None) -> str:
    left = in_units((span.end - now).total_seconds())
    text = f"{span.why or 'it'} ends at {span.end:%Y-%m-%d %H:%M} UTC, in {left}"
    if takes:
        text += f"; the job takes {in_units(takes.time.total_seconds())} ({takes.known_by})"
    return text + (f", and {rules.put_back} are kept for putting back" if rules.put_back else "")


def next_openings(
    now: datetime,
    rules: Rules,
    count: int,
    *,
    job: str,
    groups: Collection[str] = (),
    denied_by: Iterable[Source] = (),
) -> list[Span]:
    """Return the times that are open next; one that is open now begins now.

    + count: how many of them, at most
    """
    plan = Plan.of(rules, [(job, groups)], denied_by)
    return list(islice(plan.open_from(now.astimezone(UTC)), count))


def in_words(decision: Open | Closed, where: ZoneInfo) -> str:
    """Say a decision in one line, with times on the clocks of the site and in UTC."""
    if isinstance(decision, Open):
        why = f" by {decision.why}" if decision.why else ": nothing restricts it"
        until = f", until {both_clocks(decision.until, where)}" if decision.until else ""
        return f"open{why}{until}"
    opens = decision.opens and f"opens {both_clocks(decision.opens, where)}"
    return f"closed: {decision.because}; {opens or 'no opening is known'}"


def both_clocks(moment: datetime, where: ZoneInfo) -> str:
    """Return an instant on the clocks of a zone and in UTC."""
    # With its offset, since in one night a year the same time comes twice.
    local = moment.astimezone(where)
    shown = f"{local:%a} {local.isoformat(' ', 'minutes')} {where.key}"
    return f"{shown} ({moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"


def _holds(span: Span, now: datetime) -> bool:
    return span.start <= now < span.end


def _next(plan: "Plan", now: datetime, kept: timedelta) -> datetime | None:
    """Return when something new may be begun next: an opening has more than the time kept."""
    return next((span.start for span in plan.open_from(now) if span.end - span.start > kept), None)


@dataclass(frozen=True)
class Plan:
    """What allows and what denies.

    + allowing: what allows each of the changes that not everything allows; all of them are wanted
    + denying: what denies any of them
    """

    allowing: tuple[tuple[Window | Date, ...], ...]
    denying: tuple[Source, ...]

    @staticmethod
    def of(rules: Rules, what: Iterable[What], denied_by: Iterable[Source]) -> "Plan":
        allowing: list[tuple[Window | Date, ...]] = []
        denying: list[Source] = []
        for job, groups in what:
            ours = [rule for rule in rules.all if rule.holds_for(job, groups)]
            allowed = tuple(rule for rule in ours if rule.effect == "allow")
            # A date is an exception: alone it would forbid all other times.
            if any(isinstance(rule, Window) for rule in allowed) and allowed not in allowing:
                allowing.append(allowed)
            denying += [rule for rule in ours if rule.effect == "deny" and rule not in denying]
        return Plan(tuple(allowing), (*denying, *denied_by))

    def denies(self, since: datetime, until: datetime) -> list[Span]:
        return sorted(span for source in self.denying for span in source.spans(since, until))

    def open(self, since: datetime, until: datetime) -> list[Span]:
        """Return what is open in a time, cut to it."""
        whole = Span(since, until)
        allowed = [whole]
        for sources in self.allowing:
            found = union(span for source in sources for span in source.spans(since, until))
            allowed = both(allowed, [_cut(span, whole) for span in found])
        return without(allowed, self.denies(since, until))

    def open_from(self, now: datetime) -> Iterator[Span]:
        """Yield what is open from now on, up to years ahead; what is open for weeks is the last."""
        look, held = timedelta(days=2), None
        if any(span.end >= ALWAYS_UNTIL for span in self.denies(now, now + look)):
            return
        since = now
        while since < now + FAR:
            until = since + look
            for span in self.open(since, until):
                if held and held.end == span.start:
                    span = Span(held.start, span.end, held.why)
                elif held:
                    yield held
                held = span
            if held and (held.end < until or held.end - held.start > SIGHT):
                yield held
                if held.end == until:
                    return
                held = None
            since, look = until, look * 2
        if held:
            yield held


def _cut(span: Span, whole: Span) -> Span:
    return Span(max(span.start, whole.start), min(span.end, whole.end), span.why)
