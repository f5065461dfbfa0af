"""Schedules of CronJobs, and what is wrong with one, in the words of the server's parser.

https://github.com/robfig/cron/blob/v3/parser.go
"""

import re
from typing import NamedTuple

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
DESCRIPTORS = (*("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"),)
DURATION = re.compile(r"[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)")
LARGEST = 2**63 - 1


class _Bounds(NamedTuple):
    least: int
    most: int
    names: dict[str, int]


FIELDS = (
    _Bounds(0, 59, {}),
    _Bounds(0, 23, {}),
    _Bounds(1, 31, {}),
    _Bounds(1, 12, {name: number for number, name in enumerate(MONTHS, 1)}),
    _Bounds(0, 6, {name: number for number, name in enumerate(DAYS)}),
)


def problem_of(schedule: str) -> str:
    """Return what is wrong with a schedule, or nothing."""
    if "TZ" in schedule:
        return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
    try:
        if schedule.startswith("@"):
            _descriptor(schedule)
            return ""
        parts = schedule.split()
        if len(parts) != len(FIELDS):
            found = f"found {len(parts)}: [{' '.join(parts)}]"
            return f"expected exactly {len(FIELDS)} fields, {found}"
        for part, bounds in zip(parts, FIELDS, strict=True):
            for item in filter(None, part.split(",")):
                _range(item, bounds)
    except ValueError as error:
        return str(error)
    return ""


def _descriptor(text: str) -> None:
    if text in DESCRIPTORS:
        return
    if not text.startswith("@every "):
        raise ValueError(f"unrecognized descriptor: {text}")
    duration = text.removeprefix("@every ")
    if not DURATION.fullmatch(duration):
        raise ValueError(f'failed to parse duration {text}: time: invalid duration "{duration}"')


def _range(text: str, bounds: _Bounds) -> None:
    extent, *steps = text.split("/")
    low, *high = extent.split("-")
    start, end = bounds.least, bounds.most
    if low not in ("*", "?"):
        start = end = _number(low, bounds.names)
        if len(high) > 1:
            raise ValueError(f"too many hyphens: {text}")
        if high:
            end = _number(high[0], bounds.names)
    step = 1
    if len(steps) > 1:
        raise ValueError(f"too many slashes: {text}")
    if steps:
        step = _number(steps[0], {})
        end = end if high else bounds.most
    if start < bounds.least:
        raise ValueError(f"beginning of range ({start}) below minimum ({bounds.least}): {text}")
    if end > bounds.most:
        raise ValueError(f"end of range ({end}) above maximum ({bounds.most}): {text}")
    if start > end:
        raise ValueError(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {text}")


def _number(text: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    why = "invalid syntax"
    if re.fullmatch(r"[+-]?[0-9]+", text):
        if int(text) <= LARGEST:
            return int(text)
        why = "value out of range"
    raise ValueError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": {why}')
