"""Time zones, out of the package tzdata that the lock pins, and the one rule for a wall time.

Python would take the machine's own copy first. Two operators would then have two windows, and a
machine that nobody updates an old one, so that copy is only compared.
"""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS_COMPARED = 366
_STEP = timedelta(minutes=30)


@cache
def names() -> frozenset[str]:
    """Return the names of all zones."""
    return frozenset(files("tzdata").joinpath("zones").read_text().split())


@cache
def zone(name: str) -> ZoneInfo:
    """Return a zone of the pinned data, or raise ValueError where there is none of this name."""
    if name not in names():
        near = [known for known in names() if known.split("/")[-1].lower() == name.strip().lower()]
        hint = f"; did you mean {min(near)}?" if near else ""
        raise ValueError(f"{name} is no zone of IANA, such as Europe/Berlin{hint}")
    with files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def instant(wall: datetime, where: ZoneInfo) -> datetime:
    """Return the first instant, in UTC, at which the clocks show a wall time or have passed it.

    One that exists twice is the first of both. One that does not exist is the first instant after
    the gap.
    """
    local = wall.replace(tzinfo=where, fold=0)
    found = local.astimezone(UTC)
    if found.astimezone(where).replace(tzinfo=None) == wall:
        return found
    # In a gap fold=1 reads the time with the offset after it, which is an instant before it.
    before, after = local.replace(fold=1).astimezone(UTC), found
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(where).replace(tzinfo=None) > wall:
            after = middle
        else:
            before = middle
    return after


def wall(moment: datetime, where: ZoneInfo) -> datetime:
    """Return what the clocks of a zone show at an instant."""
    return moment.astimezone(where).replace(tzinfo=None, fold=0)


def data_version() -> str:
    """Return which zone data counts, and where it is."""
    name = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text().split("\n", 1)[0]
    return f"{name.removeprefix('# version ')}, tzdata {version('tzdata')} in {files('tzdata')}"


def differences(used: list[str], now: datetime) -> Iterator[str]:
    """Say for which zones the machine's own copy has other times within the next year.

    + used: the names of the zones that are in use
    + now: from when on they are compared
    """
    start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for name in sorted(set(used)):
        pinned = zone(name)
        try:
            system = ZoneInfo.no_cache(name)
        except ZoneInfoNotFoundError:
            continue
        for step in range(_DAYS_COMPARED * 48):
            moment = start + step * _STEP
            ours, theirs = moment.astimezone(pinned), moment.astimezone(system)
            if ours.utcoffset() != theirs.utcoffset():
                yield (
                    f"{name} is {ours:%H:%M} at {moment:%Y-%m-%d %H:%M} UTC, which counts, and "
                    f"{theirs:%H:%M} to this machine ({', '.join(zoneinfo.TZPATH)}): "
                    "update its zone data"
                )
                break
