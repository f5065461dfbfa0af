from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.api.difference import contains, difference, merged, show
from ops.api.line import ABSENT, fields
from ops.api.secret import Secret

CASES = yaml.safe_load((Path(__file__).parent.parent / "cases/difference/cases.yaml").read_text())


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_difference(case: dict[str, Any]) -> None:
    assert difference(case["before"], case["after"]) == case["lines"]


def test_a_secret_that_changes_shows_two_fingerprints() -> None:
    [line] = difference({"value": Secret("old-value")}, {"value": Secret("new-value")})
    old, new = line.removeprefix("value: ").split(" -> ")
    assert old != new
    assert "old-value" not in line
    assert "new-value" not in line


def test_long_values_are_cut() -> None:
    assert len(show("x" * 5000)) < 300


@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [  # The examples of RFC 7386, appendix A.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merged(document: object, patch: object, result: object) -> None:
    assert merged(document, patch) == result


def test_contains() -> None:
    document = {"tag_list": ["b", "a"], "spec": {"suspend": True, "schedule": "x"}}
    assert contains(document, {"tag_list": ["a", "b"], "spec": {"suspend": True}})
    assert not contains(document, {"spec": {"suspend": False}})
    rules = [{"apiGroups": [""], "resources": ["pods"]}]
    assert contains({"rules": [{"resources": ["pods"], "apiGroups": [""]}]}, {"rules": rules})
    assert contains(document, {"gone": None})


def test_a_text_has_only_the_changed_lines_beside_it() -> None:
    before = "password: hunter2\nb\nc\nd\ne\n"
    (found,) = fields(difference({"f": before}, {"f": before.replace("\nd", "\nD")}))
    assert (found.name, found.old, found.new) == ("f", "c\nd\ne", "c\nD\ne")


def test_a_field_that_is_absent_has_no_value() -> None:
    (found,) = fields(difference({}, {"a": {1, 2}}))
    assert found.old is ABSENT
    assert found.new == {1, 2}
