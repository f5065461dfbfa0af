"""The windows in words: which rules there are, open or closed and why, and what is to come."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pyinfra.api.inventory import Inventory

from ops.api import clock
from ops.api.verdict import verdict
from ops.site.windows.configured import Configured, configured
from ops.site.windows.guard import permission

if TYPE_CHECKING:
    from ops.windows.decision import What
    from ops.windows.outlook import Opening
    from ops.windows.span import Source, Span
    from ops.windows.window import Date, Rules, Window

COUNT = 10  # openings
NOTHING = "Nothing is configured, so changes are allowed at any time."
# A job and a group that no rule names.
OTHER = ""


def lines(inventory: Inventory, at: str) -> list[str]:
    """Return the explanation, and have the verdict say what holds for all jobs at once.

    + inventory: of the run
    + at: for which time, on the clocks of the site unless it has a zone; empty: now
    """
    found = configured(inventory)
    if found is None:
        return [NOTHING]
    now = _instant(at, found.zone)
    denied_by = found.denying(now)
    return list(_lines(found, now, denied_by))


def _lines(found: Configured, now: datetime, denied_by: "Sequence[Source]") -> Iterator[str]:
    from ops.windows.decision import both_clocks, decide_for, in_words
    from ops.windows.outlook import outlook, useless
    from ops.windows.span import Unreadable
    from ops.windows.zone import data_version, differences

    yield f"At {both_clocks(now, found.zone)}"
    yield f"Zone data: {data_version()}"
    yield from differences(found.zones(), now)
    yield ""
    for rule in found.rules.all:
        yield _rule(rule)
    for source in denied_by:
        yield f"deny   {getattr(source, 'why', '') or 'calendar ' + getattr(source, 'name', '')}"
    is_unreadable = any(isinstance(source, Unreadable) for source in denied_by)
    if is_unreadable:
        yield "What cannot be read denies all the time."
    yield from (f"! {text}" for text in useless(now, found.rules, denied_by))
    subjects = _subjects(found)
    verdict.window = permission(
        decide_for([what for _, what in subjects], now, found.rules, denied_by=denied_by), found
    )
    for name, what in subjects:
        decision = decide_for([what], now, found.rules, denied_by=denied_by)
        yield ""
        yield f"{name}: {in_words(decision, found.zone)}"
        if is_unreadable:
            continue
        for opening in outlook([what], now, found.rules, COUNT, denied_by=denied_by):
            yield from (f"    {text}" for text in _opening(opening, found))


def _rule(rule: "Window | Date") -> str:
    holds = [f"jobs {', '.join(rule.jobs)}"] if rule.jobs else []
    holds += [f"groups {', '.join(rule.groups)}"] if rule.groups else []
    return "; ".join([f"{rule.effect:<6} {rule.why}: {rule.when}, {rule.zone}", *holds])


def _subjects(found: Configured) -> "list[tuple[str, What]]":
    """Return what rules tell apart, each with its name: jobs, and groups of hosts."""
    rules = found.rules.all
    jobs = list(dict.fromkeys(job for rule in rules for job in rule.jobs))
    groups = list(dict.fromkeys(group for rule in rules for group in rule.groups))
    kinds: dict[tuple[str, ...], list[What]] = {}
    for job in (*jobs, OTHER):
        for group in (*groups, OTHER):
            what: What = (job, frozenset({group}))
            held = tuple(rule.name for rule in rules if rule.holds_for(*what))
            kinds.setdefault(held, []).append(what)
    return [(_named(alike, jobs, groups), alike[0]) for alike in kinds.values()]


def _named(alike: "Sequence[What]", jobs: Sequence[str], groups: Sequence[str]) -> str:
    """Return a name for jobs and groups for which the same rules hold."""
    first = list(dict.fromkeys(job for job, _ in alike))
    second = list(dict.fromkeys(group for _, found in alike for group in found))
    said = []
    if jobs:
        said.append("all jobs" if len(first) > len(jobs) else _listed(first, "other jobs"))
    if groups:
        on = "all hosts" if len(second) > len(groups) else _listed(second, "other hosts")
        said.append(f"on {on}")
    return " ".join(said) or "All jobs"


def _listed(names: Sequence[str], others: str) -> str:
    return ", ".join(name or others for name in names)


def _opening(opening: "Opening", found: Configured) -> Iterator[str]:
    denied = ", ".join(opening.denied_by)
    if not opening.left:
        yield f"{_span(opening.allowed, found.zone)}: closed by {denied}"
    for span in opening.left:
        said = ", ".join(filter(None, (opening.allowed.why, _too_short(span, found.rules))))
        yield f"{_span(span, found.zone)}{': ' if said else ''}{said}"
    if opening.left and denied:
        yield f"    without {denied}"


def _too_short(span: "Span", rules: "Rules") -> str:
    from ops.windows.window import duration

    if rules.put_back is None or span.end - span.start > duration(rules.put_back):
        return ""
    return f"too short to begin: {rules.put_back} are kept for putting back"


def _span(span: "Span", where: ZoneInfo) -> str:
    on_clocks = _times(span.start.astimezone(where), span.end.astimezone(where))
    return f"{span.start.astimezone(where):%a} {on_clocks} ({_times(span.start, span.end)} UTC)"


def _times(start: datetime, end: datetime) -> str:
    to = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} to {to}"


def _instant(at: str, where: ZoneInfo) -> datetime:
    if not at:
        return clock.now()
    from ops.windows.zone import instant

    given = datetime.fromisoformat(at)
    return instant(given, where) if given.tzinfo is None else given
