"""Windows and dates as data: what is taken, what is refused with its place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.windows.window import Date, Window, duration, read

SUNDAY = {
    "name": "sunday",
    "effect": "allow",
    "weekly": "SUN 02:00",
    "duration": "2h",
    "zone": "Europe/Berlin",
}
CHRISTMAS = {
    "name": "christmas",
    "effect": "deny",
    "start": "2026-12-24 00:00",
    "end": "2027-01-02 00:00",
    "zone": "Europe/Berlin",
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_they_are_read_out_of_plain_data() -> None:
    rules = read({"windows": [SUNDAY], "dates": [CHRISTMAS], "put_back": "10m"})
    assert rules.windows[0].fields == "0 2 * * SUN"
    assert rules.dates[0].why == "christmas"
    assert read({}).windows == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"windows": [SUNDAY | {"weekly": "SUN 2"}]}, "is not written as SUN 02:00"),
        ({"windows": [SUNDAY | {"cron": "0 2 * * 0"}]}, "either cron or weekly"),
        ({"windows": [{k: v for k, v in SUNDAY.items() if k != "weekly"}]}, "either cron or"),
        ({"windows": [SUNDAY | {"zone": "Berlin"}]}, "did you mean Europe/Berlin"),
        ({"windows": [SUNDAY | {"duration": "2"}]}, "is no duration"),
        ({"windows": [SUNDAY | {"duration": "0h"}]}, "is no duration"),
        ({"windows": [SUNDAY | {"duration": "32d"}]}, "longer than 31 days"),
        ({"windows": [SUNDAY | {"effect": "maybe"}]}, "$.windows[0].effect"),
        ({"windows": [SUNDAY | {"job": ["site"]}]}, "`job` - at `$.windows[0]`"),
        ({"windows": [SUNDAY | {"jobs": "site"}]}, "$.windows[0].jobs"),
        ({"windows": [SUNDAY, SUNDAY]}, "sunday is the name of two"),
        ({"windows": [SUNDAY | {"name": " "}]}, "has no name"),
        ({"dates": [CHRISTMAS | {"end": "2026-12-24 00:00"}]}, "is not later than"),
        ({"dates": [CHRISTMAS | {"end": "2027-01-02"}]}, "is no time, such as"),
        ({"put_back": "soon"}, "is no duration"),
        ({"window": []}, "`window`"),
        ([], "Expected `object`"),
    ],
)
def test_what_is_wrong_is_said(data: Any, reason: str) -> None:
    with pytest.raises(ValueError) as refused:
        read(data)
    assert reason in str(refused.value)


def test_a_duration_is_absolute_time() -> None:
    assert duration("1d12h") == timedelta(hours=36)
    assert duration("90m") == timedelta(minutes=90)
    window = Window(**SUNDAY | {"duration": "4h"})  # type: ignore[arg-type]
    (spring,) = window.spans(utc("2026-03-28 12:00"), utc("2026-03-30 00:00"))
    (autumn,) = window.spans(utc("2026-10-24 12:00"), utc("2026-10-26 00:00"))
    # From 03:00 until 07:00, and from the first 02:00 until 05:00 on the clocks of Berlin.
    assert (spring.start, spring.end) == (utc("2026-03-29 01:00"), utc("2026-03-29 05:00"))
    assert (autumn.start, autumn.end) == (utc("2026-10-25 00:00"), utc("2026-10-25 04:00"))


def test_a_span_that_has_begun_before_is_there() -> None:
    window = Window(**SUNDAY)  # type: ignore[arg-type]
    (span,) = window.spans(utc("2026-11-29 02:30"), utc("2026-11-29 02:31"))
    assert span.start == utc("2026-11-29 01:00")
    assert list(window.spans(utc("2026-11-29 03:00"), utc("2026-11-29 04:00"))) == []
    assert list(window.spans(utc("2026-11-29 00:00"), utc("2026-11-29 01:00"))) == []


def test_a_date_follows_the_same_rule() -> None:
    gap = CHRISTMAS | {"start": "2026-03-29 02:15", "end": "2026-10-25 02:30"}
    (span,) = Date(**gap).spans(utc("2026-01-01 00:00"), utc("2027-01-01 00:00"))  # type: ignore[arg-type]
    assert (span.start, span.end) == (utc("2026-03-29 01:00"), utc("2026-10-25 00:30"))
    assert list(Date(**gap).spans(span.end, utc("2027-01-01 00:00"))) == []  # type: ignore[arg-type]
    assert list(Date(**gap).spans(utc("2026-01-01 00:00"), span.start)) == []  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is not later than"):
        Date(**gap | {"end": "2026-03-29 02:45"})  # type: ignore[arg-type]
