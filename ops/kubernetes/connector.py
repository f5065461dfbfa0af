"""The connector `@kubernetes`: the rest of the host's name is namespace/resource/name.

The resource is written as kubectl does: `cronjobs.v1.batch`, `configmaps`, or without a version
`kafkas.kafka.strimzi.io`, and the cluster is asked for the one that it serves.
Without a name, `@kubernetes` is the API itself (GET /version).
"""

from collections.abc import Iterator
from typing import Any

from pyinfra.connectors.base import DataMeta
from typing_extensions import override

from ops.http.connector import HttpConnector, http_data_meta
from ops.http.request import Request
from ops.http.response import Response
from ops.kubernetes.cluster import Cluster, open_cluster
from ops.kubernetes.kubeconfig import ClusterData, cluster_data_meta
from ops.kubernetes.names import UNKNOWN, object_path
from ops.kubernetes.served import is_no_page


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

    def api(self) -> Cluster:
        """Return the API of the cluster; raises OSError or ValueError in words."""
        return open_cluster(self.data)

    @override
    def open_api(self) -> Cluster:
        cluster = self.api()
        path = cluster.served.path(self.data["kubernetes_path"])
        # From now on facts and operations name the path that is really asked for.
        self.data["kubernetes_path"] = self.host.data.kubernetes_path = path
        return cluster

    @override
    def addressed(self, request: Request) -> Request:
        return request.like(path=self.resource_path()) if UNKNOWN in request.path else request

    @override
    def is_missing(self, response: Response) -> bool:
        return response.status == 404 and not is_no_page(response)

    @override
    def resource_path(self) -> str:
        return self.data["kubernetes_path"]
