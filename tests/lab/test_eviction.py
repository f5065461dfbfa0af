"""Evictions of the practice site, and the budgets that they obey."""

from typing import Any

import pytest
from cluster import Cluster, Refused
from lab_process import Lab

NAMESPACE = "gitlab-runner"
BUDGETS = f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets"
LABELS = {"app": "gitlab-runner-4"}


def make(cluster: Cluster, name: str = "b", **spec: Any) -> dict[str, Any]:
    spec = {"selector": {"matchLabels": LABELS}, **spec}
    return cluster.request("POST", BUDGETS, {"metadata": {"name": name}, "spec": spec})


def status(cluster: Cluster, name: str = "b") -> dict[str, Any]:
    found: dict[str, Any] = cluster.request("GET", f"{BUDGETS}/{name}")["status"]
    return found


def pods(cluster: Cluster) -> list[str]:
    path = cluster.path("pods", NAMESPACE)
    found = cluster.request("GET", path, labelSelector="app=gitlab-runner-4")["items"]
    return [p["metadata"]["name"] for p in found if "deletionTimestamp" not in p["metadata"]]


def evict(cluster: Cluster, prefix: str = "") -> dict[str, Any]:
    name = next(name for name in pods(cluster) if name.startswith(prefix))
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    return cluster.request("POST", f"{cluster.path('pods', NAMESPACE, name)}/eviction", body)


def refusal(cluster: Cluster, prefix: str = "") -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        evict(cluster, prefix)
    causes = caught.value.status.get("details", {}).get("causes")
    return caught.value.code, causes[0]["message"] if causes else str(caught.value)


def test_without_a_budget_the_pod_goes(cluster: Cluster) -> None:
    [old] = pods(cluster)
    answer = evict(cluster)
    assert (answer["kind"], answer["status"], answer["code"]) == ("Status", "Success", 201)
    assert old not in pods(cluster)


@pytest.mark.parametrize(
    "spec", [{"maxUnavailable": 0}, {"minAvailable": 1}, {"minAvailable": "50%"}]
)
def test_a_budget_refuses_it_and_says_why(cluster: Cluster, spec: dict[str, Any]) -> None:
    make(cluster, **spec)
    assert status(cluster)["disruptionsAllowed"] == 0
    text = "The disruption budget b needs 1 healthy pods and has 1 currently"
    assert refusal(cluster) == (429, text)
    cluster.request("DELETE", f"{BUDGETS}/b")
    evict(cluster)


def test_of_two_pods_a_minimum_of_one_lets_one_go(lab: Lab, cluster: Cluster) -> None:
    make(cluster, minAvailable=1)
    second = {"prefix": "second", "namespace": NAMESPACE, "labels": LABELS, "container": "x"}
    lab.fault(action="add_pod", **second)
    assert status(cluster)["disruptionsAllowed"] == 1
    evict(cluster, "gitlab-runner-4")
    assert refusal(cluster, "second")[0] == 429


def test_the_pod_of_a_job_keeps_a_budget_from_being_counted(lab: Lab, cluster: Cluster) -> None:
    make(cluster, maxUnavailable=1)
    job = {"prefix": "job", "namespace": NAMESPACE, "labels": LABELS, "container": "x"}
    lab.fault(action="add_pod", **job, owner="Job")
    code, text = refusal(cluster)
    assert code == 429
    assert "failed sync: jobs.batch does not implement the scale subresource" in text


def test_two_budgets_for_a_pod_are_an_error(cluster: Cluster) -> None:
    make(cluster, maxUnavailable=1)
    make(cluster, "c", maxUnavailable=1)
    code, text = refusal(cluster)
    assert code == 500
    assert "more than one PodDisruptionBudget" in text


def test_other_labels_are_no_obstacle(cluster: Cluster) -> None:
    make(cluster, maxUnavailable=0, selector={"matchLabels": {"app": "x"}})
    term = {"key": "app", "operator": "NotIn", "values": ["gitlab-runner-4"]}
    make(cluster, "c", maxUnavailable=0, selector={"matchExpressions": [term]})
    evict(cluster)


def test_a_budget_with_both_numbers_is_refused(cluster: Cluster) -> None:
    with pytest.raises(Refused, match="cannot be both set") as caught:
        make(cluster, maxUnavailable=0, minAvailable=1)
    assert caught.value.code == 422
