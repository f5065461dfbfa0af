"""The connector `@kubernetes`: the rest of the host's name is namespace/resource/name.

The resource is written in kubectl's fully qualified form: `cronjobs.v1.batch`, `configmaps`.
Without a name, `@kubernetes` is the API itself (GET /version).
"""

from collections.abc import Iterator
from typing import Any

from pyinfra.connectors.base import DataMeta
from typing_extensions import override

from ops.http.connector import HttpConnector, http_data_meta
from ops.kubernetes.cluster import Cluster, ClusterData, cluster_data_meta, open_cluster
from ops.kubernetes.names import object_path


class KubernetesData(ClusterData):
    """Host data of `@kubernetes`."""

    kubernetes_path: str
    connect_when_needed: bool
    may_be_missing: bool


class KubernetesConnector(HttpConnector):
    """Send requests to the API of a Kubernetes cluster, directly or through an SSH tunnel."""

    data_cls = KubernetesData
    data_meta = {
        "kubernetes_path": DataMeta("Path of the object", "/version"),
        **cluster_data_meta,
        **http_data_meta,
    }
    data: KubernetesData

    @override
    @staticmethod
    def make_names_data(name: str | None) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        if name:
            data = {"kubernetes_path": object_path(name)}
            yield f"@kubernetes/{name}", data, ["@kubernetes"]
        else:
            yield "@kubernetes", {"kubernetes_path": "/version"}, ["@kubernetes"]

    @override
    def open_api(self) -> Cluster:
        return open_cluster(self.data)

    @override
    def resource_path(self) -> str:
        return self.data["kubernetes_path"]
