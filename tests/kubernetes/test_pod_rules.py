"""Which of several pods is meant, in which container, and what is said of it."""

from typing import Any

import pytest

from ops.kubernetes.pods import DEFAULT_CONTAINER, choose, container, may_have_processes, unfit

END = "2026-02-23T10:01:00Z"


def pod(
    name: str,
    second: int = 0,
    *,
    ready: bool = True,
    deleted: bool = False,
    phase: str = "Running",
    owner: str = "ReplicaSet",
) -> dict[str, Any]:
    metadata = {"name": name, "creationTimestamp": f"2026-02-23T10:00:{second:02}Z"}
    metadata |= {"deletionTimestamp": END} if deleted else {}
    metadata |= {"ownerReferences": [{"kind": owner, "name": f"the-{owner}"}]}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {"metadata": metadata, "status": {"phase": phase, "conditions": conditions}}


def with_containers(*names: str, annotation: str = "") -> dict[str, Any]:
    found = pod("a")
    found["spec"] = {"containers": [{"name": name} for name in names]}
    found["metadata"]["annotations"] = {DEFAULT_CONTAINER: annotation} if annotation else None
    return found


def test_of_several_pods_the_newest_is_meant_and_the_others_are_named() -> None:
    old, new = pod("a", 1), pod("b", 2)
    for pods in ([old, new], [new, old]):
        choice = choose(pods)
        assert choice.pod == new
        assert str(choice) == "pod b; not the older a"


def test_one_pod_is_no_choice() -> None:
    assert str(choose([pod("a")])) == ""


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (pod("b", 2, owner="Job"), "made by Job the-Job"),
        (pod("b", 2, deleted=True), f"being deleted, until {END} at first"),
        (pod("b", 2, ready=False), "not Ready: Running"),
        (pod("b", 2, ready=False, phase="Pending"), "not Ready: Pending"),
        (pod("b", 2, ready=False, phase="Failed"), "ended: Failed"),
        (pod("b", 2, phase="Succeeded"), "ended: Succeeded"),
    ],
)
def test_what_is_not_meant_is_left_out_and_the_reason_given(one: dict[str, Any], why: str) -> None:
    good = pod("a", 1)
    choice = choose([good, one])
    assert choice.pod == good
    assert str(choice) == f"pod a; left out: b ({why})"
    alone = choose([one])
    assert alone.pod is None
    assert str(alone) == f"b ({why})"


def test_without_a_candidate_that_is_said() -> None:
    assert str(choose([])) == "there is none"


def test_a_condition_says_why_it_is_not_ready() -> None:
    lost = pod("a", ready=False)
    lost["status"]["conditions"][0]["reason"] = "NodeNotReady"
    assert unfit(lost) == "not Ready: NodeNotReady"


def test_where_it_has_to_be_settled_an_old_pod_does_not_count_while_a_newer_one_begins() -> None:
    old, begins = pod("a", 1), pod("b", 2, ready=False)
    assert choose([old, begins], settled=True).pod is None
    assert choose([old, begins]).pod == old
    for ends in (pod("b", 2, deleted=True), pod("b", 2, ready=False, phase="Failed")):
        assert choose([old, ends], settled=True).pod == old


@pytest.mark.parametrize(
    ("one", "may"),
    [
        (pod("a", deleted=True), True),
        (pod("a", ready=False), True),
        (pod("a", ready=False, phase="Unknown"), True),
        (pod("a", ready=False, phase="Pending"), False),
        (pod("a", phase="Succeeded"), False),
        (pod("a", owner="Job"), False),
    ],
)
def test_what_may_run_in_a_pod_that_is_not_meant(one: dict[str, Any], may: bool) -> None:
    assert may_have_processes(one) is may


def test_nothing_runs_where_all_containers_have_ended() -> None:
    one = pod("a", deleted=True)
    one["status"]["containerStatuses"] = [{"state": {"terminated": {"exitCode": 143}}}]
    assert not may_have_processes(one)
    one["status"]["containerStatuses"] += [{"state": {"running": {}}}]
    assert may_have_processes(one)


@pytest.mark.parametrize(
    ("one", "wanted", "name", "words"),
    [
        (with_containers("x"), "", "x", ""),
        (with_containers("x", "y"), "y", "y", ""),
        (with_containers("x", "y", annotation="x"), "y", "y", ""),
        (with_containers("x", "y", annotation="y"), "", "y", "default-container says so"),
        (with_containers("x", "y"), "", "x", "the first one, for none is named"),
        (with_containers("x", "y", annotation="z"), "", "x", "names z, which it does not have"),
    ],
)
def test_the_container_is_the_one_that_kubectl_takes(
    one: dict[str, Any], wanted: str, name: str, words: str
) -> None:
    chosen, why = container(one, wanted)
    assert chosen == name
    assert words in why
    assert bool(why) == bool(words)


def test_a_container_that_it_does_not_have_is_refused() -> None:
    with pytest.raises(OSError, match="pod a has no container z; it has x, y"):
        container(with_containers("x", "y"), "z")
