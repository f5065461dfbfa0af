"""Which needs are known exceptions, which of those have ended, and which match nothing. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ops.api.need import Known, Need
from ops.site.overview.area import JOBS, Area
from ops.site.settings.known import KnownException


@dataclass(frozen=True)
class Sorted:
    """What was seen, and what of it is known.

    + areas: the areas, with what needs attention all the same
    + known: what needs none until a date
    + idle: exceptions that match nothing
    """

    areas: Sequence[Area]
    known: Sequence[Known]
    idle: Sequence[KnownException]


def without_known(
    areas: Sequence[Area], exceptions: Sequence[KnownException], today: date
) -> Sorted:
    """Return the areas without what is known.

    + areas: as they were seen
    + exceptions: as the setting has them; the one that lasts longest counts
    + today: what has ended before is no exception any more
    """
    known: list[Known] = []
    used: set[KnownException] = set()

    def left(needs: Sequence[Need]) -> Iterator[Need]:
        for need in needs:
            matching = [one for one in exceptions if _matches(one, need)]
            used.update(matching)
            if not matching:
                yield need
                continue
            last = max(matching, key=lambda one: one.until)
            if last.until < today:
                yield _ended(need, last)
            else:
                known.append(Known(need, last.reason, last.until))

    found = [replace(area, problems=list(left(area.problems))) for area in areas]
    return Sorted(found, known, [one for one in exceptions if one not in used])


def text_of(exception: KnownException) -> str:
    """Return what an exception is about, in words."""
    named = {"host": exception.host, "area": exception.area, "what": exception.what}
    return ", ".join(f"{name} {value}" for name, value in named.items() if value)


def _matches(exception: KnownException, need: Need) -> bool:
    return (
        exception.host in (None, need.host)
        and exception.area in (None, need.area)
        and (exception.what or "") in need
    )


def _ended(need: Need, exception: KnownException) -> Need:
    """Return a need that says that its exception has ended, before the job that mends it."""
    remark = f" (known exception ended on {exception.until}: {exception.reason})"
    if need.job not in JOBS:
        return Need.of(f"{need}{remark}", need.area, need.host)
    return Need.of(f"{need.what}{remark}: {need.job}", need.area, need.host)
