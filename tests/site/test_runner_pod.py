"""Which of several pods counts."""

from typing import Any

from ops.site.experiment.runner_pod import ready_pod


def pod(name: str, second: int, *, ready: bool = True, deleted: bool = False) -> dict[str, Any]:
    metadata = {"name": name, "creationTimestamp": f"2026-02-23T10:00:{second:02}Z"}
    metadata |= {"deletionTimestamp": "2026-02-23T10:01:00Z"} if deleted else {}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {"metadata": metadata, "status": {"conditions": conditions}}


def test_of_several_pods_the_newest_counts() -> None:
    old, new = pod("a", 1), pod("b", 2)
    assert ready_pod([old, new]) == new
    assert ready_pod([new, old]) == new


def test_an_old_pod_does_not_count_while_the_newest_is_not_ready() -> None:
    assert ready_pod([pod("a", 1), pod("b", 2, ready=False)]) is None


def test_a_pod_that_is_being_deleted_does_not_count() -> None:
    old = pod("a", 1)
    assert ready_pod([old, pod("b", 2, deleted=True)]) == old
    assert ready_pod([pod("b", 2, deleted=True)]) is None
    assert ready_pod([]) is None
