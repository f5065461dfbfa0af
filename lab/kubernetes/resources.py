"""The kinds of objects that the simulated cluster knows."""

from typing import NamedTuple


class Resource(NamedTuple):
    """A kind of object, as discovery describes it.

    + has_status: whether `status` is written through a subresource only
    + custom: whether it comes from a CustomResourceDefinition (no strategic merge patch, lists are
      one value)
    + is_guarded: whether an update has to name its resourceVersion
    + made_by_put: whether a PUT makes one that is not there, also where it names a version
    + counts: whether a new spec has a new `generation`
    """

    plural: str
    group: str
    version: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    has_status: bool = False
    custom: bool = False
    is_guarded: bool = False
    made_by_put: bool = False
    counts: bool = True

    @property
    def api_version(self) -> str:
        """Group and version, as in an object."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def root(self) -> str:
        """The path below which the resource is."""
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"

    @property
    def qualified(self) -> str:
        """The name in messages: plural and group."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


COORDINATION = "coordination.k8s.io"
RBAC = "rbac.authorization.k8s.io"
STRIMZI = "kafka.strimzi.io"

RESOURCES = {
    resource.plural: resource
    for resource in (
        Resource("namespaces", "", "v1", "Namespace", False, ("ns",), has_status=True),
        Resource("pods", "", "v1", "Pod", True, ("po",), has_status=True),
        Resource("configmaps", "", "v1", "ConfigMap", True, ("cm",)),
        Resource("secrets", "", "v1", "Secret"),
        Resource("deployments", "apps", "v1", "Deployment", True, ("deploy",), has_status=True),
        Resource("cronjobs", "batch", "v1", "CronJob", True, ("cj",), has_status=True),
        Resource("jobs", "batch", "v1", "Job", has_status=True),
        Resource(
            "poddisruptionbudgets",
            "policy",
            "v1",
            "PodDisruptionBudget",
            True,
            ("pdb",),
            has_status=True,
        ),
        Resource("clusterroles", RBAC, "v1", "ClusterRole", False, made_by_put=True),
        Resource("clusterrolebindings", RBAC, "v1", "ClusterRoleBinding", False, made_by_put=True),
        Resource("roles", RBAC, "v1", "Role", made_by_put=True),
        Resource("rolebindings", RBAC, "v1", "RoleBinding", made_by_put=True),
        Resource(
            "leases",
            COORDINATION,
            "v1",
            "Lease",
            is_guarded=True,
            made_by_put=True,
            counts=False,
        ),
        Resource("kafkas", STRIMZI, "v1beta2", "Kafka", True, ("k",), True, True, True),
        Resource(
            "kafkanodepools", STRIMZI, "v1beta2", "KafkaNodePool", True, ("knp",), True, True, True
        ),
        Resource("kafkausers", STRIMZI, "v1beta2", "KafkaUser", True, ("ku",), True, True, True),
    )
}


_BY_KIND = {resource.kind: resource for resource in RESOURCES.values()}


def of_kind(kind: str) -> Resource:
    """Return the resource of a kind; raise KeyError where there is none."""
    return _BY_KIND[kind]
