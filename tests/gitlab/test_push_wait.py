"""For how long the pipeline of a push is awaited."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.gitlab.pipelines.push_wait import seconds_left


@pytest.mark.parametrize(("age", "left"), [(20, 40), (60, 0), (3600, 0), (-3600, 60)])
def test_what_is_left_is_of_the_age_of_the_commit(age: float, left: float) -> None:
    """A commit of the future was made on a computer whose clock is ahead."""
    made = datetime.now(UTC) - timedelta(seconds=age)
    commit = {"committed_date": made.isoformat()}
    assert seconds_left(commit, 60) == pytest.approx(left, abs=1)


def test_the_time_zone_of_whoever_has_made_the_commit_counts() -> None:
    commit = {"committed_date": "2026-02-23T09:12:00.000+02:00"}
    assert seconds_left(commit, 60) == 0
