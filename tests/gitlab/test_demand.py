from typing import Any

import pytest

from ops.gitlab.pipelines.demand import demand, table

NAMES = {6: "k8s-runner", 8: "node6-macos-arm", 17: "k8s-runner-4"}


def runners(**changes: Any) -> dict[int, dict[str, Any]]:
    """Three runners with their tags; changes apply to number 17."""
    tags = {6: ["kubernetes"], 8: ["arm64", "macos"], 17: ["experiment", "kubernetes"]}
    settings = {"online": True, "paused": False, "run_untagged": False}
    found = {n: {"description": NAMES[n], "tag_list": tags[n], **settings} for n in NAMES}
    found[17] |= changes
    return found


def job(*tags: str) -> dict[str, Any]:
    return {"name": "a-job", "tag_list": list(tags)}


def test_ready_is_who_has_all_tags() -> None:
    assert demand(job("kubernetes"), runners(), {}).ready == [6, 17]
    assert demand(job("kubernetes", "experiment"), runners(), {}).ready == [17]


def test_tags_count_with_their_case() -> None:
    assert demand(job("Kubernetes"), runners(), {}).ready == []


def test_who_lost_its_tags_could_take_it_once_it_has_them() -> None:
    wanted = {17: ["kubernetes", "experiment"], 8: ["arm64", "macos"]}
    found = demand(job("experiment"), runners(tag_list=[]), wanted)
    assert (found.ready, found.after_tags, found.reason) == ([], [17], "")
    assert found.is_servable


def test_a_runner_that_is_not_ours_gets_no_tags() -> None:
    found = demand(job("experiment"), runners(tag_list=[]), {})
    assert not found.is_servable
    assert found.reason == "no runner is meant for all of {experiment}"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"paused": True}, "17 k8s-runner-4 is paused"),
        ({"online": False}, "17 k8s-runner-4 is offline"),
        ({"online": False, "paused": True}, "17 k8s-runner-4 is paused"),
        ({"online": False, "tag_list": []}, "17 k8s-runner-4 is offline"),
    ],
)
def test_who_cannot_take_it_is_named_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    found = demand(job("experiment"), runners(**changes), {17: ["experiment", "kubernetes"]})
    assert not found.is_servable
    assert found.reason == reason


def test_one_that_can_is_enough() -> None:
    found = demand(job("kubernetes"), runners(paused=True), {})
    assert (found.ready, found.reason) == ([6], "")


def test_a_job_without_tags_is_for_runners_that_take_those() -> None:
    assert demand(job(), runners(), {}).reason == "no runner is meant for jobs without tags"
    assert demand(job(), runners(run_untagged=True), {}).ready == [17]


def test_three_orphan_sets_of_tags_are_listed() -> None:
    orphans = [job("windows"), job("kubernetes", "gpu"), job("macos", "x86_64")]
    lines = table([demand(orphan, runners(), {}) for orphan in orphans], runners())
    assert [" ".join(line.split()) for line in lines[2:]] == [
        "a-job {windows} nobody: no runner is meant for all of {windows}",
        "a-job {gpu, kubernetes} nobody: no runner is meant for all of {gpu, kubernetes}",
        "a-job {macos, x86_64} nobody: no runner is meant for all of {macos, x86_64}",
    ]


def test_the_table_says_who_can_now_before_who_could_with_tags() -> None:
    live = runners(tag_list=[])
    wanted = {17: ["kubernetes", "experiment"]}
    demands = [demand(job("kubernetes"), live, wanted), demand(job("experiment"), live, wanted)]
    rows = [" ".join(line.split()) for line in table(demands, live)[2:]]
    assert rows == [
        "a-job {kubernetes} 6 k8s-runner",
        "a-job {experiment} 17 k8s-runner-4 (once tagged)",
    ]


def test_in_a_narrow_terminal_the_last_cell_is_wrapped() -> None:
    demands = [demand(job("kubernetes"), runners(), {}), demand(job("gpu"), runners(), {})]
    lines = table(demands, runners(), 58)
    assert max(map(len, lines)) <= 58
    assert [" ".join(line.split()) for line in lines[2:]] == [
        "a-job {kubernetes} 6 k8s-runner, 17 k8s-runner-4",
        "a-job {gpu} nobody: no runner is meant",
        "for all of {gpu}",
    ]
    assert table([], runners(), 58)[0].startswith("pending job")
