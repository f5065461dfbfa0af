"""Spans of time: the common form of windows, dates, events of a calendar and freeze periods."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

ALWAYS_FROM = datetime(1, 1, 2, tzinfo=UTC)
ALWAYS_UNTIL = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Span:
    """A time, in UTC, from its start until before its end.

    + why: the rule that it comes from, in words
    """

    start: datetime
    end: datetime
    why: str = ""


class Source(Protocol):
    """What has spans: a window, a date, a calendar, a freeze period."""

    def spans(self, since: datetime, until: datetime) -> Iterable[Span]:
        """Return every span that has a part in the time from since until before until."""
        ...


@dataclass(frozen=True)
class Unreadable:
    """What could not be read: nobody knows whether it would deny, so it does, all the time.

    + why: what it is and what was wrong
    """

    why: str

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        yield Span(ALWAYS_FROM, ALWAYS_UNTIL, self.why)


def union(spans: Iterable[Span]) -> list[Span]:
    """Return as few spans: those that meet or overlap are one, with the reason of the first."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            last = found.pop()
            span = Span(last.start, max(last.end, span.end), last.why)
        found.append(span)
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return what is left of spans where others are taken out of them."""
    left = union(spans)
    for out in union(taken):
        kept = []
        for span in left:
            if out.start >= span.end or out.end <= span.start:
                kept.append(span)
                continue
            if span.start < out.start:
                kept.append(Span(span.start, out.start, span.why))
            if out.end < span.end:
                kept.append(Span(out.end, span.end, span.why))
        left = kept
    return left


def both(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return what some spans and others have in common, with the reasons of both."""
    found = [
        Span(max(one.start, other.start), min(one.end, other.end), _reasons(one, other))
        for one in some
        for other in others
        if one.start < other.end and other.start < one.end
    ]
    return union(found)


def _reasons(*spans: Span) -> str:
    return " and ".join(dict.fromkeys(span.why for span in spans if span.why))
