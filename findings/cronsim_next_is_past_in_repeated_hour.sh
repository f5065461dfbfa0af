#!/bin/sh
# cronsim 2.8, asked for the next instant while the repeated hour of a daylight saving change runs for
# the second time, may answer with an instant of the first time, here 35 and 55 minutes ago. It does so for
# expressions with a fixed hour and minute, and not for those with a step in the minutes. A scheduler
# that sleeps until that "next" starts at once, although the job has run in the first pass.
#
# Seen (Europe/Berlin, 2026-10-25, where 02:00 to 03:00 comes twice; times of the second pass are +01:00):
#   30 2 * * *    asked at 02:05+01:00: 2026-10-25 02:30:00+02:00 past
#   45 2 * * 0    asked at 02:40+01:00: 2026-10-25 02:45:00+02:00 past
#   */20 2 * * *  asked at 02:05+01:00: 2026-10-25 02:20:00+01:00 future
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check cronsim==2.8 tzdata==2026.2
cat >"$folder/ask.py" <<'END'
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

zone = ZoneInfo("Europe/Berlin")
for expression, minute in (("30 2 * * *", 5), ("45 2 * * 0", 40), ("*/20 2 * * *", 5)):
    now = datetime(2026, 10, 25, 2, minute, tzinfo=zone, fold=1)
    answer = next(CronSim(expression, now))
    word = "past" if answer.astimezone(UTC) < now.astimezone(UTC) else "future"
    print(f"{expression:<13} asked at 02:{minute:02}+01:00: {answer} {word}")
END
"$folder/venv/bin/python" "$folder/ask.py" | tee "$folder/seen"
cat >"$folder/expected" <<'END'
30 2 * * *    asked at 02:05+01:00: 2026-10-25 02:30:00+02:00 past
45 2 * * 0    asked at 02:40+01:00: 2026-10-25 02:45:00+02:00 past
*/20 2 * * *  asked at 02:05+01:00: 2026-10-25 02:20:00+01:00 future
END
diff "$folder/expected" "$folder/seen"
