"""What a calendar may not have, with the event named; and that it denies then."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.windows.calendar import Calendar, source, unreadable
from ops.windows.decision import Closed, decide
from ops.windows.window import read
from ops.windows.zone import zone

BERLIN = zone("Europe/Berlin")
NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
START = "DTSTART;TZID=Europe/Berlin:20260327T020000"
END = "DTEND;TZID=Europe/Berlin:20260327T030000"


def event(*lines: str, uid: str = "UID:one@example") -> str:
    return "\r\n".join(["BEGIN:VEVENT", uid, "SUMMARY:Freeze", *lines, "END:VEVENT"])


def calendar(*events: str) -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    return "\r\n".join([*head, *events, "END:VCALENDAR", ""]).encode()


REFUSED = {
    "two series of one UID": ([event(START, END), event(START, END)], "2 events have this UID"),
    "UNTIL as a date": (
        [event(START, END, "RRULE:FREQ=DAILY;UNTIL=20260401")],
        "it begins at a time and UNTIL is a date",
    ),
    "UNTIL without a zone": (
        [event(START, END, "RRULE:FREQ=DAILY;UNTIL=20260401T000000")],
        "UNTIL has none",
    ),
    "an unknown zone": (
        [event("DTSTART;TZID=Customized Time Zone:20260327T020000", "DURATION:PT1H")],
        "TZID Customized Time Zone is no zone of IANA or Windows",
    ),
    "an unknown zone of an exception": (
        [event(START, END, "RRULE:FREQ=DAILY", "EXDATE;TZID=Nowhere:20260328T020000")],
        "TZID Nowhere is no zone",
    ),
    "an error in a property": ([event("DTSTART:tomorrow", END)], "DTSTART cannot be read"),
    "an error in a rule": ([event(START, END, "RRULE:FREQ=OFTEN")], "RRULE cannot be read"),
    "a line that is none": ([event(START, END, "what is this")], "a line cannot be read"),
    "no start": ([event(END)], "it has no DTSTART"),
    "no end": ([event(START)], "neither DTEND nor DURATION"),
    "two ends": ([event(START, END, "DURATION:PT1H")], "DTEND and DURATION"),
    "an end before the start": (
        [event(START, "DTEND;TZID=Europe/Berlin:20260327T010000")],
        "its end is not later than its start",
    ),
    "an end at once": ([event(START, "DURATION:PT0S")], "its end is not later than its start"),
    "a time until a date": ([event(START, "DTEND;VALUE=DATE:20260328")], "ends at a date"),
    "a date until a time": ([event("DTSTART;VALUE=DATE:20260327", END)], "ends at a time"),
    "hours of a date": ([event("DTSTART;VALUE=DATE:20260327", "DURATION:PT1H")], "ends at a time"),
    "each minute": ([event(START, END, "RRULE:FREQ=MINUTELY")], "more often than each hour"),
    "periods": (
        [event(START, END, "RDATE;VALUE=PERIOD:20260401T000000Z/PT1H")],
        "RDATE is a period",
    ),
    "exceptions as a rule": (
        [event(START, END, "RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY")],
        "EXRULE is not read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_event_that_can_be_read_in_two_ways_is_named(name: str) -> None:
    events, reason = REFUSED[name]
    with pytest.raises(ValueError) as refused:
        Calendar("a.ics", calendar(*events), BERLIN)
    assert 'event "Freeze" (one@example): ' in str(refused.value)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_event_without_a_uid_is_named_by_its_summary() -> None:
    with pytest.raises(ValueError, match=r'event "Freeze" \(without a UID\): it has no UID'):
        Calendar("a.ics", calendar(event(START, END, uid="X-A:b")), BERLIN)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><title>Sign in</title></html>",
        b"\xff\xfe\x00",
        calendar(event(START, END))[:-20],
        calendar(event(START, END))[:90],
        calendar() + calendar(),
        calendar(event(START, "DTEND:x")),
        b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n",
        None,
    ],
    ids=["empty", "html", "bytes", "cut", "cut early", "two", "broken", "no calendar", "missing"],
)
def test_a_calendar_that_cannot_be_read_denies_all_the_time(content: bytes | None) -> None:
    denying = source("holidays.ics", content, BERLIN, timedelta(days=3, hours=5))
    found = decide(NOW, read({}), job="site", denied_by=[denying])
    assert isinstance(found, Closed)
    assert found.opens is None
    assert found.because.startswith("calendar holidays.ics cannot be read: ")
    assert found.because.endswith("; it is 3 days old")
    assert "\n" not in found.because


def test_its_age_is_in_hours_where_it_is_young_and_left_out_where_it_is_not_known() -> None:
    assert unreadable("a", "why", timedelta(minutes=150)).why.endswith("why; it is 2 h 30 min old")
    assert unreadable("a", "why").why == "calendar a cannot be read: why"


def test_one_that_can_be_read_and_has_no_events_denies_nothing() -> None:
    empty = source("a.ics", calendar(), BERLIN)
    assert list(empty.spans(NOW, NOW + timedelta(days=400))) == []


def test_names_of_others_do_not_steer_the_terminal() -> None:
    hidden = event(START, uid="UID:\x1b[2Jone").replace("SUMMARY:Freeze", "SUMMARY:a\\nb")
    with pytest.raises(ValueError) as refused:
        Calendar("a.ics", calendar(hidden), BERLIN)
    assert str(refused.value).startswith(r'event "a\nb" (\x1b[2Jone): ')


def test_whatever_the_library_raises_later_denies() -> None:
    class Broken:
        def between(self, *_: object) -> None:
            raise KeyError("what\nis this")

    found = Calendar("a.ics", calendar(event(START, END)), BERLIN)
    found.query = Broken()
    decision = decide(NOW, read({}), job="site", denied_by=[found])
    assert decision == Closed(r"calendar a.ics cannot be read: 'what\nis this'", None)


def test_an_hour_lasts_longer_than_the_library_says_in_the_short_night() -> None:
    long = event("DTSTART;TZID=Europe/Berlin:20260329T013000", "DURATION:PT3H")
    found = Calendar("a.ics", calendar(long), BERLIN)
    since = datetime(2026, 3, 29, 2, 45, tzinfo=UTC)
    (span,) = found.spans(since, since + timedelta(minutes=15))
    assert span.end == datetime(2026, 3, 29, 3, 30, tzinfo=UTC)


def test_parts_of_a_series_are_no_second_series() -> None:
    part = event(
        "DTSTART;TZID=Europe/Berlin:20260328T050000", "DURATION:PT30M",
        "RECURRENCE-ID;TZID=Europe/Berlin:20260328T020000",
    )  # fmt: skip
    series = event(START, END, "RRULE:FREQ=DAILY;COUNT=2")
    found = list(
        Calendar("a.ics", calendar(series, part), BERLIN).spans(
            datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
        )
    )
    assert sorted((span.start.day, span.start.hour, span.end - span.start) for span in found) == [
        (27, 1, timedelta(hours=1)),
        (28, 4, timedelta(minutes=30)),
    ]
