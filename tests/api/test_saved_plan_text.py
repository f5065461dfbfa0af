"""A plan as a text, and what is different between two."""

import pytest

from ops.api.plan import CHANGE, CONDITIONAL, UNKNOWN
from ops.api.saved_plan import Planned, SavedPlan, differences, from_text, to_text

SET = Planned("Set the tags", "@gitlab/runners/7", CHANGE, ["tag_list: {} -> {macos}"])
PLACE = "Set the tags [@gitlab/runners/7]"


def changed(line: str, kind: str = CHANGE) -> Planned:
    return Planned(SET.operation, SET.host, kind, [line])


def test_a_text_gives_the_plan_back() -> None:
    plan = SavedPlan(jobs=["fix_tags"], inventory="inventory.py", made="now", planned=[SET])
    assert from_text(to_text(plan)) == plan


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2, "jobs": []}', "null"])
def test_another_text_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_text(text)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ([SET], {}),
        ([], {PLACE: ["- tag_list: {} -> {macos}", "+ (nothing)"]}),
        (
            [changed("tag_list: {x} -> {macos}")],
            {PLACE: ["- tag_list: {} -> {macos}", "+ tag_list: {x} -> {macos}"]},
        ),
        ([SET, SET], {PLACE: ["+ tag_list: {} -> {macos}"]}),
        ([SET, changed("paused: false -> true")], {PLACE: ["+ paused: false -> true"]}),
    ],
)
def test_each_difference_has_its_operation_and_its_host(
    now: list[Planned], expected: dict[str, list[str]]
) -> None:
    assert differences([SET], now) == expected


def test_two_operations_of_one_name_are_two() -> None:
    then = [changed("a"), changed("b")]
    assert differences(then, then) == {}
    assert differences(then, [changed("b")]) == {PLACE: ["- a"]}
    assert differences(then, then[::-1]) == {PLACE: ["in another order"]}


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (changed("saved at 2026-11-28T03:02:29Z"), changed("saved at 2026-11-28T04:00:00Z")),
        (changed("in runners-2026-11-28T03-02-29Z"), changed("in runners-2026-11-28T04-00-00Z")),
        (changed("password: secret:00000000"), changed("password: secret:ffffffff")),
        (changed("known then", UNKNOWN), changed("known now", UNKNOWN)),
    ],
)
def test_what_differs_each_time_is_no_difference(then: Planned, now: Planned) -> None:
    assert differences([then], [now]) == {}


def test_what_depends_on_a_step_before_is_compared_as_it_was_planned() -> None:
    assert differences([changed("a", CONDITIONAL)], [changed("b", CONDITIONAL)]) != {}
