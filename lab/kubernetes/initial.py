"""What every cluster has in the beginning: namespaces, and its administrator's rights."""

from collections.abc import Sequence
from typing import Any

from lab.kubernetes.resources import RBAC


def objects(namespaces: Sequence[str]) -> list[dict[str, Any]]:
    """Return the objects of a cluster in which nothing is installed yet."""
    spaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}}
        for name in namespaces
    ]
    return [*spaces, *_cluster_admin()]


def _cluster_admin() -> list[dict[str, Any]]:
    everything = [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ]
    role = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "cluster-admin"},
        "rules": everything,
    }
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "cluster-admin"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": "system:masters"}],
    }
    return [role, binding]
