"""Deploy freeze periods of a GitLab project, as GitLab computes them with fugit.

GET /projects/:id/freeze_periods, https://docs.gitlab.com/api/freeze_periods/

A period is active when the latest start is not over: its end is the first one after it. Starts and
ends are what the clocks really show: a time that does not exist is skipped, one that exists twice
comes twice, so that the first pass begins a period and the first one ends it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim
from msgspec import Struct, ValidationError, convert

from ops.api.visible import one_line
from ops.windows.cron import check_cron
from ops.windows.rails_zones import iana
from ops.windows.span import Source, Span, Unreadable
from ops.windows.zone import wall, zone

# No zone has ever left out or repeated more than a day.
_MOST = timedelta(days=1)


class _Answered(Struct):
    """What is read of an answer; it has more."""

    id: int
    freeze_start: str
    freeze_end: str
    cron_timezone: str


class Freeze:
    """A freeze period."""

    def __init__(self, number: int, start: str, end: str, where: str) -> None:
        """Read it, or raise ValueError where it is not known what GitLab makes of it.

        + number: its id
        + start, end: five fields
        + where: a zone of IANA or Rails
        """
        check_cron(start)
        check_cron(end)
        self.zone = zone(iana(where))
        self.start, self.end = start, end
        self.why = one_line(f"freeze period {number} of GitLab ({start} until {end}, {where})")

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """Return every span that has a part in the time from since until before until."""
        first = self._latest_start(since)
        ends = _shown(self.end, self.zone, first)
        end = first
        for start in _shown(self.start, self.zone, first - timedelta(seconds=1)):
            if start >= until:
                return
            # Those that come before its end have the same one.
            if start < end:
                continue
            end = next(each for each in ends if each > start)
            # GitLab is still frozen at the instant of the end.
            span = Span(start, end + timedelta(microseconds=1), self.why)
            if span.end > since:
                yield span

    def _latest_start(self, since: datetime) -> datetime:
        """Return the latest start that is not after an instant, or one before it."""
        for time in CronSim(self.start, wall(since, self.zone) + _MOST, reverse=True):
            shown = instants(time, self.zone)
            if shown and shown[0] <= since:
                return shown[0]
        return since


def _shown(cron: str, where: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Yield the instants after one at which the clocks show a time of an expression, in order."""
    waiting: list[datetime] = []
    for time in CronSim(cron, wall(after, where) - _MOST):
        found = instants(time, where)
        waiting = sorted(waiting + found)
        # The first passes of later times are later than this one.
        while found and waiting and waiting[0] <= found[0]:
            instant = waiting.pop(0)
            if instant > after:
                yield instant


def instants(time: datetime, where: ZoneInfo) -> list[datetime]:
    """Return the instants, in UTC, at which the clocks show a time: none, one or two."""
    both = {time.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(each for each in both if wall(each, where) == time)


def sources(project: str, answered: object) -> list[Source]:
    """Return a project's freeze periods as what denies; one that cannot be read denies always.

    + project: whose they are, in messages
    + answered: what GitLab has answered, all pages of it
    """
    try:
        periods = convert(answered, list[_Answered])
    except ValidationError as error:
        return [unreadable(project, f"the answer is another one than expected: {error}")]
    found: list[Source] = []
    for period in periods:
        try:
            found.append(
                Freeze(period.id, period.freeze_start, period.freeze_end, period.cron_timezone)
            )
        except ValueError as error:
            found.append(unreadable(project, f"period {period.id}: {error}"))
    return found


def unreadable(project: str, why: str) -> Unreadable:
    """Return what denies all the time because freeze periods could not be read.

    + why: what was wrong
    """
    return Unreadable(one_line(f"freeze periods of {project} cannot be read: {why}"))
