"""Times of the grammar, as systemd reads them: systemd-analyze is asked when they come."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from minute_by_minute import Expression, expressions

from ops.windows.cron import check_cron, of_week, openings
from ops.windows.zone import zone

PROGRAM = shutil.which("systemd-analyze")
pytestmark = [
    pytest.mark.site,  # A program is started for each expression.
    pytest.mark.skipif(PROGRAM is None, reason="no systemd-analyze: apt-get install systemd"),
]
DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
ELAPSE = re.compile(r"(?:Next elapse|Iter\. #\d+): \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
COUNT = 5
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def elapses(calendar: str, since: datetime = SINCE, count: int = COUNT) -> list[datetime]:
    """Return when a calendar expression comes after an instant, as systemd says."""
    base = f"--base-time={since:%Y-%m-%d %H:%M:%S} UTC"
    command = [str(PROGRAM), "calendar", f"--iterations={count}", base, calendar]
    environment = {"TZ": "UTC", "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    found = ELAPSE.findall(done.stdout)
    return [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in found]


def values(field: frozenset[int]) -> str:
    return ",".join(map(str, sorted(field)))


def on_calendar(expression: Expression, where: str) -> str:
    """Write an expression with one of the two day fields as systemd's, each value by itself."""
    names = ",".join(DAYS[day] for day in sorted(expression.weekday.values))
    days = f"{values(expression.month.values)}-{values(expression.day.values)}"
    time = f"{values(expression.hour.values)}:{values(expression.minute.values)}:00"
    return f"{names} *-{days} {time} {where}"


@given(expressions(dense=False).filter(lambda found: "*" in (found.day.text, found.weekday.text)))
@settings(max_examples=100)
def test_expressions_come_when_systemd_says(expression: Expression) -> None:
    check_cron(str(expression))
    found = list(islice(openings(str(expression), zone("UTC"), SINCE), COUNT))
    # systemd looks for a day a few decades ahead, and no further.
    assert elapses(on_calendar(expression, "UTC")) == found


@pytest.mark.parametrize("where", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
def test_a_weekly_time_comes_every_week_of_a_year(where: str) -> None:
    weeks = 52
    found = list(islice(openings(of_week("SUN 04:15"), zone(where), SINCE), weeks))
    assert elapses(f"Sun *-*-* 04:15:00 {where}", count=weeks) == found


def test_systemd_has_another_rule_in_the_nights_in_which_clocks_are_moved() -> None:
    """So a timer is written in UTC: a skipped time never comes, an hour is silent when it is back.

    Ours opens at the end of the gap, and at the first of two.
    """
    zone_name = "Europe/Berlin"
    before = datetime(2026, 3, 28, tzinfo=UTC)
    every_night = f"*-*-* 02:30:00 {zone_name}"
    gap = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert gap not in elapses(every_night, before)
    assert gap in islice(openings("30 2 * * *", zone(zone_name), before), COUNT)

    midnight = datetime(2026, 10, 25, tzinfo=UTC)
    wanted = [midnight + timedelta(hours=hour) for hour in (2, 3, 4)]
    assert elapses(f"*-*-* *:00:00 {zone_name}", midnight, 3) == wanted
    found = elapses("*-*-* *:00:00 UTC", midnight, 3)
    assert found == [midnight + timedelta(hours=hour) for hour in (1, 2, 3)]
