"""What is a setting, and what only looks like one."""

from types import SimpleNamespace
from typing import Any

import pytest
from pyinfra.api.exceptions import OperationValueError

from ops.api.settings import listed, number


def host(value: Any) -> Any:
    return SimpleNamespace(data=SimpleNamespace(get=lambda name: value))


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("6930,6931", {6930, 6931}),
        (" 6930, 6931,", {6930, 6931}),
        (6930, {6930}),
        ("", set()),
        (None, set()),
    ],
)
def test_ids_are_listed_one_by_one(value: Any, ids: set[int]) -> None:
    assert listed(host(value), "obsolete_pipelines") == ids


@pytest.mark.parametrize("value", ["6930;6931", "all", "6930-6935", True])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(OperationValueError, match="obsolete_pipelines is a list of ids, not"):
        listed(host(value), "obsolete_pipelines")


@pytest.mark.parametrize(
    ("value", "wanted"), [(300, 300), ("300", 300), (0.5, 0.5), ("0.5", 0.5), ("2.0", 2)]
)
def test_a_number_may_be_a_text_of_the_environment(value: Any, wanted: float) -> None:
    assert number(host(value), "tag_verification_seconds") == wanted


@pytest.mark.parametrize("value", ["5m", "abc", "", None, True, 0, -1, "nan", "inf", [300]])
def test_what_is_no_number_of_seconds_is_refused(value: Any) -> None:
    with pytest.raises(
        OperationValueError, match="tag_verification_seconds is a number greater than 0, not"
    ):
        number(host(value), "tag_verification_seconds")
