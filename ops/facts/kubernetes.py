"""Facts of Kubernetes objects (https://kubernetes.io/docs/reference/using-api/api-concepts/)."""

from typing import Any

from pyinfra import host
from typing_extensions import override

from ops.api.request import Request, get, merge_patch
from ops.facts.resource import ResourceFact


class Object(ResourceFact):
    """Return the Kubernetes object that the host is, as the API shows it.

    ```python
    {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {...}, "spec": {...}}
    ```
    """

    data_key = "kubernetes_path"

    @override
    def command(self) -> Request:
        return get(host.data.kubernetes_path)

    @override
    def pick(self, document: Any) -> dict[str, Any]:
        return dict(document)


class PatchedObject(ResourceFact):
    """Return the object as it would be after a merge patch, computed by the API (`dryRun=All`).

    + patch: JSON merge patch

    Nothing is stored. The answer has passed validation, defaulting and admission.
    """

    data_key = "kubernetes_path"

    @override
    def command(self, patch: dict[str, Any]) -> Request:
        return merge_patch(host.data.kubernetes_path, patch, dry_run=True)

    @override
    def pick(self, document: Any) -> dict[str, Any]:
        return dict(document)
