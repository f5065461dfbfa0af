"""The rights of the experiment's jobs on the practice site: what there is, and what they may do."""

from typing import Any

from cluster import Cluster, Refused
from lab_process import Lab

GROUP = "rbac.authorization.k8s.io"
RBAC = f"/apis/{GROUP}/v1"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
NAME, WIDE = "experiment-reset-access", "experiment-reset-binding"
NAMESPACES = ("databases", "cockroach-operator-system", "redis", "kafka", "minio")
ROLE, BINDING = ("clusterroles", "", NAME), ("rolebindings", "databases", NAME)
APPLIED = [
    f"PATCH {RBAC}/clusterroles/{NAME}",
    f"PATCH {RBAC}/namespaces/databases/rolebindings/{NAME}",
]
SUBJECT = {"kind": "ServiceAccount", "name": "gitlab-runner", "namespace": "gitlab-runner"}
REFERENCE = {"apiGroup": GROUP, "kind": "ClusterRole", "name": NAME}
USER = "system:serviceaccount:gitlab-runner:gitlab-runner"
RULES = [
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
    {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
]
ALL = [(verb, rule["resources"][0]) for rule in RULES for verb in rule["verbs"]]
WORDS = "get pods, list pods, create pods/exec, get secrets"


def may(cluster: Cluster, verb: str, resource: str, namespace: str) -> bool:
    """Ask the API, with the groups that the service account has."""
    plural, _, below = resource.partition("/")
    asked = {"verb": verb, "resource": plural, "subresource": below, "namespace": namespace}
    groups = ["system:serviceaccounts", "system:serviceaccounts:gitlab-runner"]
    spec = {"user": USER, "groups": groups, "resourceAttributes": asked}
    return bool(cluster.request("POST", REVIEWS, {"spec": spec})["status"]["allowed"])


def may_all(cluster: Cluster, namespace: str = "databases") -> bool:
    return all(may(cluster, verb, resource, namespace) for verb, resource in ALL)


def may_any(cluster: Cluster, namespace: str = "databases") -> bool:
    return any(may(cluster, verb, resource, namespace) for verb, resource in ALL)


def exists(cluster: Cluster, where: tuple[str, str, str]) -> bool:
    try:
        cluster.get(*where)
    except Refused as refusal:
        assert refusal.code == 404
        return False
    return True


def delete(cluster: Cluster, where: tuple[str, str, str]) -> None:
    cluster.request("DELETE", cluster.path(*where))


def managers(cluster: Cluster, where: tuple[str, str, str]) -> dict[str, str]:
    entries = cluster.get(*where)["metadata"]["managedFields"]
    return {entry["manager"]: entry["operation"] for entry in entries}


def create(lab: Lab, kind: str, name: str, namespace: str = "", **fields: Any) -> None:
    """Make an object as somebody else would; it is not in the log of requests."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    version = {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": metadata}
    lab.fault(action="create_object", document={**version, **fields})


def bind(lab: Lab, kind: str, name: str, namespace: str = "", **fields: Any) -> None:
    whom = {"roleRef": REFERENCE, "subjects": [SUBJECT]}
    create(lab, kind, name, namespace, **{**whom, **fields})
