#!/bin/sh
# recurring-ical-events 3.8.2 (with icalendar 7.3.2) computes the end of an occurrence on the wall clock:
# an event with DURATION:PT1H lasts two hours in the night in which an hour comes twice, and no time at
# all in the night in which it is left out. RFC 5545 (3.3.6) calls hours of a DURATION exact time.
# Whoever takes such a calendar for a maintenance window gets an hour too much, or an empty window.
#
# Seen (Europe/Berlin, a daily event at 02:30 with PT1H):
#   2026-03-28 1:00:00
#   2026-03-29 0:00:00
#   2026-10-24 1:00:00
#   2026-10-25 2:00:00
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    recurring-ical-events==3.8.2 icalendar==7.3.2 tzdata==2026.2
cat >"$folder/ask.py" <<'END'
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

zone = ZoneInfo("Europe/Berlin")
lines = [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//example//EN", "BEGIN:VEVENT",
    "UID:1@example.org", "DTSTAMP:20260101T000000Z", "DTSTART;TZID=Europe/Berlin:20260101T023000",
    "DURATION:PT1H", "RRULE:FREQ=DAILY", "SUMMARY:freeze", "END:VEVENT", "END:VCALENDAR", "",
]
calendar = icalendar.Calendar.from_ical("\r\n".join(lines))
for month, day in ((3, 28), (3, 29), (10, 24), (10, 25)):
    first = datetime(2026, month, day, tzinfo=zone)
    for event in recurring_ical_events.of(calendar).between(first, first.replace(hour=12)):
        start, end = (event[name].dt.astimezone(UTC) for name in ("DTSTART", "DTEND"))
        print(first.date(), end - start)
END
"$folder/venv/bin/python" "$folder/ask.py" | tee "$folder/seen"
cat >"$folder/expected" <<'END'
2026-03-28 1:00:00
2026-03-29 0:00:00
2026-10-24 1:00:00
2026-10-25 2:00:00
END
diff "$folder/expected" "$folder/seen"
