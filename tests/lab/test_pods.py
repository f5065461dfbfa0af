"""Pods of the practice site that end and begin, preconditions, and lists in pages."""

from typing import Any

import moments
import pytest
from cluster import Cluster, Refused
from lab_process import Lab
from moments import wait_for

LABEL = "app=gitlab-runner-4"
NAMESPACE = "gitlab-runner"
CONFIG = ("configmaps", "databases", "dedup-experiment-config")


def pods(cluster: Cluster) -> list[dict[str, Any]]:
    path = cluster.path("pods", NAMESPACE)
    return cluster.request("GET", path, labelSelector=LABEL)["items"]


def is_ready(pod: dict[str, Any]) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])


def delete(cluster: Cluster, pod: dict[str, Any], body: Any = None, **query: Any) -> Any:
    path = cluster.path("pods", NAMESPACE, pod["metadata"]["name"])
    return cluster.request("DELETE", path, body, **query)


def test_a_deleted_pod_is_listed_until_its_grace_period_is_over(cluster: Cluster) -> None:
    [old] = pods(cluster)
    assert delete(cluster, old, gracePeriodSeconds=30)["metadata"]["deletionTimestamp"]
    listed = {pod["metadata"]["uid"]: pod for pod in pods(cluster)}
    terminating = listed.pop(old["metadata"]["uid"])
    # Who looks at the condition alone takes it for a pod that goes on.
    assert is_ready(terminating)
    assert terminating["metadata"]["deletionGracePeriodSeconds"] == 30
    [new] = listed.values()
    assert not is_ready(new)
    wait_for(lambda: [pod["metadata"]["uid"] for pod in pods(cluster)] == [new["metadata"]["uid"]])
    wait_for(lambda: is_ready(pods(cluster)[0]))


def test_the_grace_period_is_in_the_body_or_else_in_the_query(cluster: Cluster) -> None:
    [old] = pods(cluster)
    body = {"gracePeriodSeconds": 0, "propagationPolicy": "Background"}
    delete(cluster, old, body, gracePeriodSeconds=3000)
    [new] = pods(cluster)
    assert new["metadata"]["uid"] != old["metadata"]["uid"]


def test_a_second_delete_shortens_the_grace_period(cluster: Cluster) -> None:
    [old] = pods(cluster)
    delete(cluster, old, gracePeriodSeconds=3000)
    delete(cluster, old, gracePeriodSeconds=0)
    assert [pod["metadata"]["uid"] != old["metadata"]["uid"] for pod in pods(cluster)] == [True]


def test_a_precondition_that_does_not_hold(lab: Lab, cluster: Cluster) -> None:
    [pod] = pods(cluster)
    with pytest.raises(
        Refused, match=r"the UID in the precondition \(x\) does not match"
    ) as caught:
        delete(cluster, pod, {"preconditions": {"uid": "x"}})
    assert (caught.value.code, caught.value.status["reason"]) == (409, "Conflict")
    shown = {"preconditions": {"uid": pod["metadata"]["uid"]}, "dryRun": ["All"]}
    delete(cluster, pod, shown)
    assert [p["metadata"]["uid"] for p in pods(cluster)] == [pod["metadata"]["uid"]]
    assert [r["mutating"] for r in lab.requests() if r["method"] == "DELETE"] == [True, False]


def test_other_objects_answer_with_a_status(cluster: Cluster) -> None:
    answer = cluster.request("DELETE", cluster.path(*CONFIG))
    assert (answer["kind"], answer["status"]) == ("Status", "Success")
    assert answer["details"]["kind"] == "configmaps"
    with pytest.raises(Refused, match="not found") as caught:
        cluster.request("PUT", cluster.path(*CONFIG), {"data": {}})
    assert caught.value.code == 404


def test_a_successor_that_never_becomes_ready(lab: Lab, cluster: Cluster) -> None:
    lab.fault(action="set", pod_ready_seconds=0.05)
    lab.fault(action="never_ready", label=LABEL, times=1)
    [old] = pods(cluster)
    delete(cluster, old, gracePeriodSeconds=0)
    # One that begins later is ready.
    lab.fault(action="replace_pod", pod="toolbox")
    wait_for(lambda: moments.is_ready(lab, "gitlab-toolbox"))
    [stuck] = pods(cluster)
    assert not is_ready(stuck)
    assert stuck["status"]["phase"] == "Pending"
    delete(cluster, stuck, gracePeriodSeconds=0)
    wait_for(lambda: is_ready(pods(cluster)[0]))


def test_a_broker_keeps_its_name(cluster: Cluster) -> None:
    where = ("pods", "kafka", "kafka-cluster-kafka-1")
    old = cluster.get(*where)
    cluster.request("DELETE", cluster.path(*where), gracePeriodSeconds=5)
    assert cluster.get(*where)["metadata"]["uid"] == old["metadata"]["uid"]
    wait_for(lambda: cluster.get(*where)["metadata"]["uid"] != old["metadata"]["uid"])
    wait_for(lambda: is_ready(cluster.get(*where)))


def test_a_list_comes_in_pages(cluster: Cluster) -> None:
    whole = cluster.request("GET", "/api/v1/pods")
    assert int(whole["metadata"]["resourceVersion"]) > 0
    names, token = [], ""
    while True:
        query = {"limit": 3, **({"continue": token} if token else {})}
        page = cluster.request("GET", "/api/v1/pods", **query)
        names += [pod["metadata"]["name"] for pod in page["items"]]
        token = page["metadata"].get("continue")
        if not token:
            break
        assert len(page["items"]) == 3
        assert page["metadata"]["remainingItemCount"] == len(whole["items"]) - len(names)
    assert names == [pod["metadata"]["name"] for pod in whole["items"]]
    with pytest.raises(Refused, match="continue key is not valid") as caught:
        cluster.request("GET", "/api/v1/pods", **{"continue": "nonsense"})
    assert caught.value.code == 400


def test_field_selectors(cluster: Cluster) -> None:
    def selected(selector: str) -> int:
        return len(cluster.request("GET", "/api/v1/pods", fieldSelector=selector)["items"])

    assert selected("metadata.name=kafka-cluster-kafka-0") == 1
    assert selected("status.phase=Running,metadata.namespace=kafka") == 6
    assert selected("status.phase!=Running") == 0
    with pytest.raises(Refused, match="field label not supported"):
        selected("spec.x=1")


def test_a_watch_is_not_simulated(lab: Lab, cluster: Cluster) -> None:
    with pytest.raises(KeyError):  # The answer is no Status of a cluster.
        cluster.request("GET", "/api/v1/pods", watch="true")
    assert [r["status"] for r in lab.requests() if r.get("unknown")] == [501]


def test_of_two_containers_one_has_to_be_named(lab: Lab, cluster: Cluster) -> None:
    notes = {"kubectl.kubernetes.io/default-container": "b"}
    two = {"prefix": "two", "namespace": NAMESPACE, "labels": {"app": "two"}, "container": "a"}
    lab.fault(action="add_pod", **two, sidecars=["b"], annotations=notes)
    [pod] = cluster.request("GET", cluster.path("pods", NAMESPACE), labelSelector="app=two")[
        "items"
    ]
    path = cluster.path("pods", NAMESPACE, pod["metadata"]["name"]) + "/exec"
    with pytest.raises(Refused, match=r"must be specified for pod two-\S+, choose one of: \[a b\]"):
        cluster.request("GET", path, command="true", stdout="true")


def test_a_pod_of_a_job_has_no_successor(lab: Lab, cluster: Cluster) -> None:
    backup = {"prefix": "b", "namespace": NAMESPACE, "labels": {"app": "b"}, "container": "a"}
    lab.fault(action="add_pod", **backup, owner="Job")
    path = cluster.path("pods", NAMESPACE)
    [pod] = cluster.request("GET", path, labelSelector="app=b")["items"]
    assert pod["metadata"]["ownerReferences"][0]["kind"] == "Job"
    delete(cluster, pod, gracePeriodSeconds=0)
    assert cluster.request("GET", path, labelSelector="app=b")["items"] == []


def test_a_pod_whose_node_is_lost_stays(lab: Lab, cluster: Cluster) -> None:
    [old] = pods(cluster)
    lab.fault(action="lose_node", pod="gitlab-runner-4")
    lab.fault(action="advance", seconds=3600)
    listed = {pod["metadata"]["uid"]: pod for pod in pods(cluster)}
    lost = listed.pop(old["metadata"]["uid"])
    assert lost["metadata"]["deletionTimestamp"]
    assert lost["status"]["conditions"][0]["reason"] == "NodeNotReady"
    assert len(listed) == 1
    delete(cluster, lost, gracePeriodSeconds=0)  # by force
    assert old["metadata"]["uid"] not in {pod["metadata"]["uid"] for pod in pods(cluster)}
