"""Which runner had which of its tags when: what the record of a run tells of a watch."""

from collections.abc import Collection
from typing import Any

from ops.gitlab.runners.lanes import MOST_CHANGES, Lanes

WANTED = {6: {"kubernetes"}, 17: {"experiment", "kubernetes"}}


def live(**tags: Collection[str]) -> dict[int, dict[str, Any]]:
    return {
        int(name[1:]): {"description": f"runner-{name[1:]}", "tag_list": list(found)}
        for name, found in tags.items()
    }


def changes(lanes: Lanes) -> list[tuple[int, float, str, list[str]]]:
    return [
        (change["runner"], change["seconds"], change["kind"], change["tags"])
        for change in lanes.document()["changes"]
    ]


def test_each_change_is_there_once_and_with_its_time() -> None:
    lanes = Lanes("@gitlab", WANTED, 300, 10)
    lanes.observe(live(r6=["kubernetes"], r17=["experiment", "more"]), 0)
    lanes.observe(live(r6=["kubernetes"], r17=["experiment"]), 10)
    lanes.was_set(17, 10)
    lanes.observe(live(r17=[]), 20)
    lanes.observe(live(r6=["kubernetes"], r17=["experiment", "kubernetes"]), 30)
    assert changes(lanes) == [
        (17, 0, "lost", ["kubernetes"]),
        (17, 10, "set", ["kubernetes"]),
        (6, 20, "gone", ["kubernetes"]),
        (17, 20, "lost", ["experiment", "kubernetes"]),
        (6, 30, "back", ["kubernetes"]),
        (17, 30, "back", ["experiment", "kubernetes"]),
    ]
    document = lanes.document()
    assert (document["seconds"], document["reads"], document["limit"]) == (30, 4, 300)
    assert document["runners"] == [
        {"id": 6, "name": "runner-6", "tags": ["kubernetes"]},
        {"id": 17, "name": "runner-17", "tags": ["experiment", "kubernetes"]},
    ]


def test_what_is_set_and_lost_again_before_the_next_look_is_lost_again() -> None:
    lanes = Lanes("@gitlab", {6: {"kubernetes"}}, 300, 10)
    lanes.observe(live(r6=[]), 0)
    lanes.was_set(6, 0)
    lanes.observe(live(r6=[]), 10)
    assert [kind for _, _, kind, _ in changes(lanes)] == ["lost", "set", "lost"]


def test_it_does_not_grow_without_end() -> None:
    lanes = Lanes("@gitlab", WANTED, 300, 10)
    for number in range(MOST_CHANGES):
        lanes.observe(live(r6=[], r17=[]), number)
        lanes.observe(live(r6=["kubernetes"], r17=WANTED[17]), number)
    document = lanes.document()
    assert len(document["changes"]) == MOST_CHANGES
    assert document["left_out"] == 3 * MOST_CHANGES


def test_before_the_first_look_nothing_is_known() -> None:
    document = Lanes("@gitlab", WANTED, 300, 10).document()
    assert (document["reads"], document["seconds"], document["changes"]) == (0, 0, [])
    assert {runner["name"] for runner in document["runners"]} == {None}
