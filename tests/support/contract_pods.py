"""Pods for the contract of exec: of the practice site, and of a real cluster with our node."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from exec_streams import Pod
from kubernetes_api import MERGE, Api
from lab_process import Lab
from moments import wait_for
from real_kubernetes import RealKubernetes
from real_site import make_namespace

WITNESSES = [
    pytest.param("lab", marks=pytest.mark.site),
    pytest.param("real", marks=[pytest.mark.site, pytest.mark.real]),
]
VERSION = "1.37.2"  # as which the practice site answers
NAMESPACE = "kafka"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
RUNNING, PENDING, LOST = "Running", "Pending", "lost"
NODE = "/api/v1/nodes"
NOBODY = {"kubeletEndpoint": {"Port": 9}}  # where nothing listens


def pod_of(
    request: pytest.FixtureRequest,
    containers: Sequence[str] = ("a",),
    annotations: Mapping[str, str] | None = None,
    state: str = RUNNING,
) -> Iterator[Pod]:
    """Make a pod where the fixture's parameter says: lab or real.

    + state: Running, Pending or lost; of a lost one the node does not answer
    """
    label, notes = f"contract-{secrets.token_hex(4)}", dict(annotations or {})
    if request.param == "lab":
        lab: Lab = request.getfixturevalue("lab")
        lab.fault(action="set", kubernetes_version=VERSION)
        _make_in_lab(lab, label, containers, notes, state)
        api = Api("lab", lab.environment["KUBECONFIG"])
    else:
        real: RealKubernetes = request.getfixturevalue("real_nodes")
        api = Api("real", real.kubeconfig)
        _make_for_real(api, label, containers, notes, state)
    yield Pod(api, NAMESPACE, _found(api, label)["metadata"]["name"], label)
    api.close()


def _make_in_lab(
    lab: Lab, label: str, containers: Sequence[str], notes: dict[str, str], state: str
) -> None:
    lab.fault(
        action="add_pod",
        prefix=label,
        namespace=NAMESPACE,
        labels={"app": label},
        container=containers[0],
        sidecars=list(containers[1:]),
        annotations=notes,
    )
    if state == LOST:
        lab.fault(action="lose_node", pod=label)
    if state == PENDING:
        lab.fault(action="never_ready", label=f"app={label}")
        lab.fault(action="replace_pod", pod=label)


def _make_for_real(
    api: Api, label: str, containers: Sequence[str], notes: dict[str, str], state: str
) -> None:
    make_namespace(api, NAMESPACE)
    if state == PENDING:
        notes["nodes.test/unready"] = "true"
    spec: dict[str, Any] = {"containers": [{"name": n, "image": "none"} for n in containers]}
    if state == LOST:
        address = [{"type": "InternalIP", "address": "127.0.0.1"}]
        status = {"status": {"addresses": address, "daemonEndpoints": NOBODY}}
        assert api.send("POST", NODE, {"metadata": {"name": label}}).status == 201
        assert api.send("PATCH", f"{NODE}/{label}/status", status, MERGE).status == 200
        spec["nodeName"] = label
    metadata = {"name": label, "labels": {"app": label}, "annotations": notes}
    answer = api.send("POST", PODS, {"metadata": metadata, "spec": spec})
    assert answer.status == 201, answer.body
    if state == PENDING:
        wait_for(lambda: "nodeName" in _found(api, label)["spec"])
    else:
        wait_for(lambda: _found(api, label)["status"]["phase"] == RUNNING)


def _found(api: Api, label: str) -> Any:
    """Return the pod; where its node is lost it has a successor already, and is being deleted."""
    items = api.send("GET", PODS, labelSelector=f"app={label}").body["items"]
    return min(items, key=lambda pod: "deletionTimestamp" not in pod["metadata"])
