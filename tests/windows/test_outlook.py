"""What is to come: what is left of each time that is allowed, and which rules never open."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from window_site import BACKUP, SUNDAY, ZONE

from ops.windows.decision import Open, decide, decide_for
from ops.windows.outlook import outlook, useless
from ops.windows.span import Unreadable
from ops.windows.window import read

CHRISTMAS = {
    "name": "christmas", "effect": "deny", "start": "2026-12-24 00:00", "end": "2027-01-02 00:00",
    **ZONE,
}  # fmt: skip
EVENING = {**SUNDAY, "name": "evening", "weekly": "FRI-SAT 03:00", "jobs": ["fix_tags"]}
KAFKA = {**SUNDAY, "name": "kafka", "weekly": "SUN 03:30", "groups": ["kafka"]}
NOW = datetime(2026, 12, 20, 2, tzinfo=UTC)  # Within the window, in the time of the backup.


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_what_is_left_of_each_window_and_why_not_the_rest() -> None:
    rules = read({"windows": [SUNDAY, BACKUP], "dates": [CHRISTMAS]})
    first, second, third = outlook([("site", ())], NOW, rules, 2)
    assert [(s.start, s.end) for s in first.left] == [
        (at("2026-12-20 02:20"), at("2026-12-20 03:00"))
    ]
    assert first.denied_by == ("backup (the toolbox is busy)",)
    assert second.left == ()
    assert second.denied_by == ("christmas", "backup (the toolbox is busy)")
    assert [s.start for s in third.left] == [at("2027-01-03 01:00"), at("2027-01-03 02:20")]


def test_without_windows_there_is_what_nothing_denies() -> None:
    (opening, *_) = outlook([("site", ())], NOW, read({"dates": [CHRISTMAS]}), 3)
    assert (opening.left[0].start, opening.left[0].end) == (NOW, at("2026-12-23 23:00"))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"dates": [{**CHRISTMAS, "start": "2025-12-24 00:00", "end": "2026-01-02 00:00"}]},
         ["christmas is over"]),
        ({"windows": [SUNDAY, {**BACKUP, "cron": "0 2 * * *", "duration": "2h"}]},
         ["sunday never opens: it is denied by backup (the toolbox is busy)"]),
        ({"windows": [SUNDAY], "put_back": "2h"},
         ["sunday never opens: it is not longer than the 2h for putting back"]),
        ({"windows": [SUNDAY, BACKUP], "dates": [CHRISTMAS], "put_back": "30m"}, []),
        # It holds for other jobs.
        ({"windows": [EVENING, {**BACKUP, "cron": "0 0 * * *", "duration": "24h",
                                "jobs": ["site"]}]}, []),
    ],
)  # fmt: skip
def test_rules_that_do_nothing(rules: dict[str, object], said: list[str]) -> None:
    assert list(useless(NOW, read(rules), [])) == said


def test_what_is_unreadable_keeps_all_closed() -> None:
    denied = [Unreadable("calendar exams cannot be read: it is not there")]
    found = list(useless(NOW, read({"windows": [SUNDAY]}), denied))
    assert found == [f"sunday never opens: it is denied by {denied[0].why}"]


@given(
    minutes=st.integers(0, 20_000),
    jobs=st.sets(st.sampled_from(["fix_tags", "site", "other"]), min_size=1),
    groups=st.sets(st.sampled_from(["kafka", "runners"]), min_size=1),
)
def test_several_changes_are_open_while_each_of_them_is(
    minutes: int, jobs: set[str], groups: set[str]
) -> None:
    rules = read({"windows": [SUNDAY, BACKUP, EVENING, KAFKA], "dates": [CHRISTMAS]})
    now = NOW + timedelta(minutes=minutes)
    what = [(job, (group,)) for job, group in product(jobs, groups)]
    each = [isinstance(decide(now, rules, job=j, groups=g), Open) for j, g in what]
    found = decide_for(what, now, rules)
    assert isinstance(found, Open) == all(each)
    if isinstance(found, Open):
        return
    assert found.opens is not None
    opened = [isinstance(decide(found.opens, rules, job=j, groups=g), Open) for j, g in what]
    assert all(opened)
