"""Who has read a key of a ConfigMap: each way to read it, and whose containers are too old."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ops.kubernetes.config_map_readers import last_change, readers

NAME, KEY, START = "settings", "c.json", "2026-02-20T07:12:41Z"


def pod(
    container: dict[str, Any] | None = None,
    volumes: list[dict[str, Any]] | None = None,
    status: dict[str, Any] | None = None,
    **metadata: Any,
) -> dict[str, Any]:
    running = {"name": "app", "state": {"running": {"startedAt": START}}}
    return {
        "metadata": {"name": "web-1", **metadata},
        "spec": {"containers": [{"name": "app", **(container or {})}], "volumes": volumes or []},
        "status": {"phase": "Running", "containerStatuses": [running], **(status or {})},
    }


def mounted(volume: dict[str, Any], **mount: str) -> dict[str, Any]:
    mounts = [{"name": "v", "mountPath": "/etc/app", **mount}]
    return pod({"volumeMounts": mounts}, [{"name": "v", **volume}])


def variable(name: str = NAME, key: str = KEY) -> dict[str, Any]:
    source = {"configMapKeyRef": {"name": name, "key": key}}
    return pod({"env": [{"name": "A", "value": "1"}, {"name": "C", "valueFrom": source}]})


OURS = {"configMap": {"name": NAME}}
PROJECTED = {"projected": {"sources": [{"secret": {"name": NAME}}, OURS]}}
WAYS = {
    "a variable": (variable(), "variable C", False),
    "all variables": (pod({"envFrom": [{"configMapRef": {"name": NAME}}]}), "its variables", False),
    "a volume": (mounted(OURS), "files in /etc/app", True),
    "a projected volume": (mounted(PROJECTED), "files in /etc/app", True),
    "an item of it": (
        mounted({"configMap": {"name": NAME, "items": [{"key": KEY, "path": "x"}]}}),
        "files in /etc/app",
        True,
    ),
    "a subPath": (mounted(OURS, subPath="c.json"), "file /etc/app (subPath", False),
    "a subPathExpr": (mounted(OURS, subPathExpr="$(X)"), "file /etc/app (subPath", False),
}
OTHERS = {
    "another ConfigMap": variable(name="other"),
    "another key": variable(key="other"),
    "another item": mounted({"configMap": {"name": NAME, "items": [{"key": "o", "path": "x"}]}}),
    "a Secret of that name": mounted({"secret": {"secretName": NAME}}),
    "a volume that no container mounts": pod({}, [{"name": "v", **OURS}]),
    "no volumes at all": {**pod(), "spec": {"containers": [{"name": "app"}]}},
    "one that has ended": {**variable(), "status": {"phase": "Succeeded"}},
    "one that is being deleted": {
        **variable(), "metadata": {"name": "web-1", "deletionTimestamp": START},
    },
    "one that has not started": {
        **variable(),
        "status": {"containerStatuses": [{"name": "app", "state": {"waiting": {}}}]},
    },
    "one without a machine": {**variable(), "status": {"phase": "Pending"}},
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_read_it(way: str) -> None:
    document, how, renewed = WAYS[way]
    [reader] = readers([document], NAME, KEY)
    assert reader.how.startswith(how)
    assert reader.renewed is renewed
    assert (reader.pod, reader.container) == ("web-1", "app")
    assert reader.since == datetime(2026, 2, 20, 7, 12, 41, tzinfo=UTC)


@pytest.mark.parametrize("other", OTHERS)
def test_what_does_not_read_it(other: str) -> None:
    assert readers([OTHERS[other]], NAME, KEY) == []


def test_what_an_init_container_has_read_is_in_the_pod_until_it_restarts() -> None:
    document = pod()
    document["spec"]["initContainers"] = [{**variable()["spec"]["containers"][0], "name": "init"}]
    ended = {"name": "init", "state": {"terminated": {"startedAt": START, "exitCode": 0}}}
    document["status"]["initContainerStatuses"] = [ended]
    assert [reader.container for reader in readers([document], NAME, KEY)] == ["init"]


def owned(kind: str, name: str, **labels: str) -> dict[str, Any]:
    owner = {"kind": kind, "name": name, "controller": True}
    other = {"kind": "Node", "name": "other"}
    return {
        **variable(),
        "metadata": pod(ownerReferences=[other, owner], labels=labels)["metadata"],
    }


@pytest.mark.parametrize(
    ("document", "owner"),
    [
        (owned("ReplicaSet", "web-5d8c", **{"pod-template-hash": "5d8c"}), "Deployment web"),
        (owned("ReplicaSet", "web-5d8c"), "ReplicaSet web-5d8c"),
        (owned("StatefulSet", "web"), "StatefulSet web"),
        (owned("Job", "load-28"), "Job load-28"),
        (variable(), "Pod web-1"),
    ],
)
def test_it_says_what_a_pod_belongs_to(document: dict[str, Any], owner: str) -> None:
    [reader] = readers([document], NAME, KEY)
    assert reader.owner == owner
    assert str(reader).startswith(owner.replace("Pod web-1", "container app of pod web-1"))


def test_the_last_change_is_that_of_any_writer() -> None:
    metadata: dict[str, Any] = {"creationTimestamp": "2026-02-01T00:00:00Z"}
    assert last_change({"metadata": metadata}) == datetime(2026, 2, 1, tzinfo=UTC)
    times = ("2026-02-03T00:00:00Z", "2026-02-05T00:00:00Z", "2026-02-04T00:00:00Z")
    metadata["managedFields"] = [{"manager": "x", "time": time} for time in times]
    metadata["managedFields"].append({"manager": "y"})
    assert last_change({"metadata": metadata}) == datetime(2026, 2, 5, tzinfo=UTC)
