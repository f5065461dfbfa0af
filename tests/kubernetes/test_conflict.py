"""Whom the API names where an apply is refused."""

import pytest

from ops.kubernetes.server_side import in_conflict

ONE = 'PATCH /x -> 409 Conflict. Apply failed with 1 conflict: conflict with "a" using v1: .data.b'
TWO = (
    'Apply failed with 2 conflicts: conflicts with "a" using v1: - .data.b conflicts with "c d"'
    ' with subresource "status": - .status.x'
)
CUT = 'Apply failed with 3 conflicts: conflicts with "a" using v1: - .data.b - .data.c …'


@pytest.mark.parametrize(
    ("refusal", "managers", "is_whole"),
    [
        (ONE, {"a"}, True),
        (TWO, {"a", "c d"}, True),
        (CUT, {"a"}, False),
        ("409 Conflict: the object has been modified", set(), True),
    ],
    ids=["one", "two", "cut", "another refusal"],
)
def test_who_is_named(refusal: str, managers: set[str], is_whole: bool) -> None:
    assert in_conflict(refusal) == (managers, is_whole)
