"""The practice site's Kubernetes objects in a real API server: made there, and put back.

Strimzi's CustomResourceDefinitions are written by us, as the least that our fields and
the rules about them need: two versions of which one warns, a status of its own, the types
of a few fields.
"""

import time
from collections.abc import Iterable
from typing import Any

from kubernetes_api import MERGE, Api

STRIMZI = "kafka.strimzi.io"
CLUSTER_ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
CLUSTER_BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
# The server's own, which the practice site has as well, or calls by the same name.
OWN = {("ClusterRole", "cluster-admin"), ("ClusterRoleBinding", "cluster-admin")}
KINDS = {  # kind -> path of its group, plural
    "ConfigMap": ("/api/v1", "configmaps"),
    "CronJob": ("/apis/batch/v1", "cronjobs"),
    "Kafka": (f"/apis/{STRIMZI}/v1beta2", "kafkas"),
    "KafkaNodePool": (f"/apis/{STRIMZI}/v1beta2", "kafkanodepools"),
    "KafkaUser": (f"/apis/{STRIMZI}/v1beta2", "kafkausers"),
    "Pod": ("/api/v1", "pods"),
    "PodDisruptionBudget": ("/apis/policy/v1", "poddisruptionbudgets"),
    "Role": ("/apis/rbac.authorization.k8s.io/v1", "roles"),
    "RoleBinding": ("/apis/rbac.authorization.k8s.io/v1", "rolebindings"),
    "Secret": ("/api/v1", "secrets"),
}
MANAGER = "kubectl-create"  # who has made what there is in the beginning
GIVEN_BY_THE_SERVER = (
    *("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"),
    *("deletionTimestamp", "deletionGracePeriodSeconds"),
)


def install_strimzi(api: Api, served: Iterable[str] = ("v1", "v1beta2")) -> None:
    """Make Strimzi's definitions, and wait until the server serves them."""
    for kind, plural in (
        ("Kafka", "kafkas"),
        ("KafkaNodePool", "kafkanodepools"),
        ("KafkaUser", "kafkausers"),
    ):
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        answer = api.send("POST", path, _definition(kind, plural, tuple(served)))
        assert answer.status in (201, 409), answer.body
    for version in served:
        path = f"/apis/{STRIMZI}/{version}/kafkausers"
        while api.send("GET", path).status != 200:
            time.sleep(0.05)


def _definition(kind: str, plural: str, served: tuple[str, ...]) -> dict[str, Any]:
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    listener = {"type": "array", "items": anything}
    kafka = {**anything, "properties": {"config": anything, "listeners": listener}}
    spec = {**anything, "properties": {"kafka": kafka} if kind == "Kafka" else {}}
    schema = {"type": "object", "properties": {"spec": spec, "status": anything}}
    old = {
        "deprecated": True,
        "deprecationWarning": f"Version v1beta2 of the {kind} API is deprecated."
        " Please use the v1 version instead.",
    }
    versions = [
        {
            "name": version,
            "served": version in served,
            "storage": version == "v1beta2",
            "schema": {"openAPIV3Schema": schema},
            "subresources": {"status": {}},
            **(old if version == "v1beta2" else {}),
        }
        for version in ("v1", "v1beta2")
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{STRIMZI}"},
        "spec": {
            "group": STRIMZI,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": versions,
        },
    }


def make_namespace(api: Api, name: str) -> None:
    """Make a namespace where it is not there yet."""
    answer = api.send("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert answer.status in (201, 409), answer.body


def fill(api: Api, objects: Iterable[dict[str, Any]]) -> None:
    """Make objects as the practice site's state has them, with their status."""
    documents = [entry["object"] for entry in objects]
    # Namespaces first, and roles before what binds them.
    for document in sorted(documents, key=lambda one: one["kind"] != "Namespace"):
        if (document["kind"], document["metadata"]["name"]) not in OWN:
            _make(api, document)


def _make(api: Api, document: dict[str, Any]) -> None:
    metadata = {k: v for k, v in document["metadata"].items() if k not in GIVEN_BY_THE_SERVER}
    metadata.pop("ownerReferences", None)  # Of objects that are not here.
    path, wanted = _path(document), {**document, "metadata": metadata}
    answer = api.send("POST", path, wanted, fieldManager=MANAGER)
    if document["kind"] == "Namespace" and answer.status == 409:
        return
    assert answer.status == 201, (document, answer.body)
    if document.get("status"):
        patch = {"status": document["status"]}
        answer = api.send("PATCH", f"{path}/{metadata['name']}/status", patch, MERGE)
        assert answer.status == 200, (document, answer.body)


def _path(document: dict[str, Any]) -> str:
    kind = document["kind"]
    if kind == "Namespace":
        return "/api/v1/namespaces"
    if kind in ("ClusterRole", "ClusterRoleBinding"):
        return CLUSTER_ROLES if kind == "ClusterRole" else CLUSTER_BINDINGS
    root, plural = KINDS[kind]
    return f"{root}/namespaces/{document['metadata']['namespace']}/{plural}"


def empty(api: Api, namespaces: Iterable[str]) -> None:
    """Take away what is in some namespaces, and what is in none and is not the server's own."""
    for namespace in namespaces:
        for root, plural in KINDS.values():
            now = {"gracePeriodSeconds": 0}
            path = f"{root}/namespaces/{namespace}/{plural}"
            answer = api.send("DELETE", path, now)
            assert answer.status == 200, answer.body
    for path in (CLUSTER_ROLES, CLUSTER_BINDINGS):
        answer = api.send(
            "DELETE", path, labelSelector="kubernetes.io/bootstrapping!=rbac-defaults"
        )
        assert answer.status == 200, answer.body
