"""Names of Kubernetes objects as hosts, and the API paths that belong to them."""

import re

from pyinfra.api.exceptions import InventoryError

UNKNOWN = "{version}"
LABEL = r"(?:[^/=,!]+/)?[^/=,!]+=[^/=,]+"
VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d+)?")


def object_path(name: str) -> str:
    """Return the API path of `namespace/resource/name`, the way kubectl writes a resource in full.

    + name: for example `gitlab-runner/cronjobs.v1.batch/enforcer` or `databases/configmaps/config`;
      the namespace of a cluster-scoped object is `-`. Without a version, as in
      `kafka/kafkas.kafka.strimzi.io/my-cluster`, the path has `{version}` in its place: the cluster
      says which one it serves (`ops.kubernetes.served`)

    Raises InventoryError in words where the name has another form.
    """
    parts = name.split("/")
    if len(parts) != 3 or not all(parts):
        raise InventoryError(
            f"{name!r} names no Kubernetes object: write namespace/resource/name,"
            " for example gitlab-runner/cronjobs.v1.batch/enforcer"
        )
    namespace, resource, object_name = parts
    plural, _, rest = resource.partition(".")
    version, _, group = rest.partition(".")
    if rest and not VERSION.fullmatch(version):
        version, group = UNKNOWN, rest
    if rest and not group:
        raise InventoryError(
            f"{resource!r} has no API group: write resource.version.group, resource.group"
            " or resource"
        )
    root = f"/apis/{group}/{version}" if group else "/api/v1"
    scope = "" if namespace == "-" else f"/namespaces/{namespace}"
    return f"{root}{scope}/{plural}/{object_name}"


def split_pod_name(name: str) -> tuple[str, str, str | None]:
    """Return namespace, label selector and container of `namespace/selector[/container]`.

    The key of a label may hold a slash itself, and there may be several with commas between:
    `kafka/strimzi.io/cluster=my-cluster,strimzi.io/broker-role=true`.

    Raises InventoryError in words where the name has another form.
    """
    match = re.fullmatch(rf"([^/]+)/({LABEL}(?:,{LABEL})*)(?:/([^/=]+))?", name)
    if not match:
        raise InventoryError(
            f"{name!r} names no pod: write namespace/label=value[/container],"
            " for example gitlab/app=toolbox (on the command line a comma ends the name)"
        )
    return match[1], match[2], match[3]
