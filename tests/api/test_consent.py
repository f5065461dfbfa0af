"""What is a consent, and what only looks like one."""

from types import SimpleNamespace
from typing import Any

import pytest
from pyinfra.api.exceptions import OperationValueError

from ops.api.consent import listed


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
