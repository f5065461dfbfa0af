"""Known exceptions: what matches them, until when they count, and what is no exception."""

from datetime import date
from typing import Any

import pytest

from ops.api.need import Need
from ops.site.overview.area import Area
from ops.site.overview.known import Sorted, text_of, without_known
from ops.site.settings.known import check_exceptions, exceptions

RUNNER = "@gitlab/runners/10"
GOOD = {"host": RUNNER, "reason": "its disk is replaced", "until": "2026-12-31"}
LAST, AFTER = date(2026, 12, 31), date(2027, 1, 1)


def seen() -> list[Area]:
    area, other = Area("Runners"), Area("Kafka")
    area.needs("runner 10 (node8) is paused", RUNNER)
    area.needs("3 of 12 runners lack tags: fix_tags")
    other.needs("Kafka is not Ready", "@kubernetes/kafka")
    return [area, other]


def sort(today: date, *values: dict[str, Any]) -> Sorted:
    return without_known(seen(), list(exceptions(values)), today)


def needs(found: Sorted) -> list[Need]:
    return [need for area in found.areas for need in area.problems]


def test_on_its_last_day_it_needs_no_attention() -> None:
    found = sort(LAST, GOOD)
    assert needs(found) == ["3 of 12 runners lack tags: fix_tags", "Kafka is not Ready"]
    said = "runner 10 (node8) is paused; known: its disk is replaced, until 2026-12-31"
    assert [str(known) for known in found.known] == [said]
    assert found.idle == []


def test_after_it_the_need_says_that_it_has_ended() -> None:
    found = sort(AFTER, GOOD)
    remark = "(known exception ended on 2026-12-31: its disk is replaced)"
    assert needs(found)[0] == f"runner 10 (node8) is paused {remark}"
    assert needs(found)[0].host == RUNNER
    assert found.known == []


def test_a_need_with_a_job_keeps_it() -> None:
    first = needs(sort(AFTER, {"what": "lack tags", "reason": "later", "until": "2026-12-31"}))[1]
    assert first.job == "fix_tags"
    assert first == (
        "3 of 12 runners lack tags (known exception ended on 2026-12-31: later): fix_tags"
    )


@pytest.mark.parametrize(
    "other",
    [{"area": "Kafka"}, {"what": "is offline"}, {"host": "@gitlab/runners/1"}],
)
def test_all_that_it_names_must_be_so(other: dict[str, str]) -> None:
    found = sort(LAST, {**GOOD, **other})
    assert len(needs(found)) == 3
    assert len(found.idle) == 1
    assert next(iter(other.values())) in text_of(found.idle[0])


def test_of_several_the_last_one_counts() -> None:
    found = sort(AFTER, GOOD, {**GOOD, "until": "2027-01-01", "reason": "still"})
    assert [known.reason for known in found.known] == ["still"]
    assert found.idle == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({**GOOD, "until": "soon"}, "entry 1: Invalid RFC3339 encoded date - at $.until"),
        ({**GOOD, "till": "2026-12-31"}, "entry 1: Object contains unknown field till"),
        ({**GOOD, "reason": ""}, "entry 1: Expected str of length >= 1 - at $.reason"),
        ({"host": RUNNER, "until": "2026-12-31"}, "entry 1: Object missing required field reason"),
        ({"area": "Kafka", "reason": "so", "until": "2026-12-31"}, "entry 1 has neither host nor"),
    ],
)
def test_what_is_none_is_named(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError) as raised:
        check_exceptions([wrong])
    assert str(raised.value).startswith(reason)
