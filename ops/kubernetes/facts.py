"""Facts of Kubernetes objects (https://kubernetes.io/docs/reference/using-api/api-concepts/)."""

from collections.abc import Mapping
from typing import Any

from pyinfra import host
from typing_extensions import override

from ops.api.secret import conceal
from ops.http.fact import ResourceFact
from ops.http.request import Request, apply, get, json_patch, merge_patch
from ops.kubernetes import forms
from ops.kubernetes.disruption_budget_rules import collection
from ops.kubernetes.rules import GROUP


class Object(ResourceFact):
    """Return the Kubernetes object that the host is, or None where it does not exist.

    What must not be printed, such as the data of a Secret, is a `Secret` (`ops.api.secret`).

    ```python
    {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {...}, "spec": {...}}
    ```
    """

    data_key = "kubernetes_path"
    form: Any = forms.Object | None

    @override
    def command(self) -> Request:
        return get(host.data.kubernetes_path, missing_ok=True)

    @override
    def pick(self, document: Any) -> dict[str, Any] | None:
        return None if document is None else dict(conceal(document))


class PatchedObject(ResourceFact):
    """Return the object as it would be after a merge patch, computed by the API (`dryRun=All`).

    + patch: JSON merge patch

    Nothing is stored. The answer has passed validation, defaulting and admission.
    """

    data_key = "kubernetes_path"
    form: Any = forms.Object

    @override
    def command(self, patch: dict[str, Any]) -> Request:
        return merge_patch(host.data.kubernetes_path, patch, dry_run=True)

    @override
    def pick(self, document: Any) -> dict[str, Any]:
        return dict(conceal(document))


class JsonPatchedObject(Object):
    """Return the object as it would be after a JSON patch, computed by the API (`dryRun=All`).

    + patch: operations of the JSON patch
    """

    @override
    def command(self, patch: list[dict[str, Any]]) -> Request:  # type: ignore[override]
        return json_patch(host.data.kubernetes_path, patch, dry_run=True)


class AppliedObject(Object):
    """Return the object as it would be after a server-side apply (`dryRun=All`).

    + document: what is applied
    + manager: the field manager that applies it
    + force: whether it takes fields over from other managers
    """

    @override
    def command(  # type: ignore[override]
        self, document: dict[str, Any], manager: str, force: bool
    ) -> Request:
        path = host.data.kubernetes_path
        return apply(path, document, manager, force=force, dry_run=True)


class AccessReview(ResourceFact):
    """Return whether somebody may do something, as the API's own authorization decides.

    + resource: attributes of what is to be done: verb, group, resource, subresource, namespace
    + user: name of the user or service account; None for the user of the kubeconfig

    ```python
    {"allowed": True, "reason": "RBAC: allowed by ClusterRoleBinding …"}
    ```
    """

    data_key = "kubernetes_path"
    form: Any = forms.Review

    @override
    def command(self, resource: Mapping[str, str], user: str | None = None) -> Request:
        kind = "SelfSubjectAccessReview" if user is None else "SubjectAccessReview"
        # A review of somebody else has only those groups that are sent with it.
        somebody = {} if user is None else {"user": user, "groups": groups_of(user)}
        spec = {"resourceAttributes": dict(resource), **somebody}
        document = {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}
        path = f"/apis/authorization.k8s.io/v1/{kind.lower()}s"
        return Request("POST", path, document, reads=True)

    @override
    def pick(self, document: Any) -> dict[str, Any]:
        status = document["status"]
        return {"allowed": bool(status["allowed"]), "reason": str(status.get("reason") or "")}


def groups_of(user: str) -> list[str]:
    """Return the groups that somebody has by name, as Kubernetes gives them to service accounts.

    + user: such as "system:serviceaccount:gitlab-runner:default"
    """
    parts = user.split(":")
    account = parts[:2] == ["system", "serviceaccount"] and len(parts) == 4
    of_accounts = (
        ["system:serviceaccounts", f"system:serviceaccounts:{parts[2]}"] if account else []
    )
    return [*of_accounts, "system:authenticated"]


class ServerVersion(ResourceFact):
    """Return the version of the API server, as (1, 35)."""

    data_key = "kubernetes_path"
    form: Any = forms.Version

    @override
    def command(self) -> Request:
        return get("/version")

    @override
    def pick(self, document: Any) -> tuple[int, int]:
        return int(document["major"]), int(document["minor"].rstrip("+"))


class NamespaceExists(ResourceFact):
    """Return whether there is a namespace; a right in all of them holds in one that is none, too.

    + namespace: its name
    """

    data_key = "kubernetes_path"
    form: Any = forms.Object | None

    @override
    def command(self, namespace: str) -> Request:
        return get(f"/api/v1/namespaces/{namespace}", missing_ok=True)

    @override
    def pick(self, document: Any) -> bool:
        return document is not None


class Pods(ResourceFact):
    """Return the pods of a namespace that a label selector leaves, those being deleted included.

    + namespace: their namespace
    + selector: label selector, such as "app=build-1"

    ```python
    [{"metadata": {"name": "build-1-…", "uid": …, "creationTimestamp": …}, "status": …}]
    ```
    """

    data_key = "kubernetes_path"
    form: Any = forms.Pods

    @override
    def command(self, namespace: str, selector: str) -> Request:
        path = f"/api/v1/namespaces/{namespace}/pods"
        return get(path, all_pages=True, labelSelector=selector)

    @override
    def pick(self, document: Any) -> list[dict[str, Any]]:
        return list(document["items"])


class Budgets(ResourceFact):
    """Return the PodDisruptionBudgets of a namespace.

    + namespace: their namespace

    ```python
    [{"metadata": {"name": "web"}, "spec": {"minAvailable": 1, "selector": …}, "status": …}]
    ```
    """

    data_key = "kubernetes_path"
    form: Any = forms.Budgets

    @override
    def command(self, namespace: str) -> Request:
        return get(collection(namespace), all_pages=True)

    @override
    def pick(self, document: Any) -> list[dict[str, Any]]:
        return list(document["items"])


class NewBudget(ResourceFact):
    """Return the PodDisruptionBudget that the API would make of a document (`dryRun=All`).

    + namespace: where it would be
    + document: the budget

    Nothing is stored. Quotas and admission webhooks have seen it: what they refuse is an error.
    """

    data_key = "kubernetes_path"
    form: Any = forms.Budget

    @override
    def command(self, namespace: str, document: Mapping[str, Any]) -> Request:
        query = {"dryRun": "All"}
        return Request("POST", collection(namespace), dict(document), query=query, reads=True)

    @override
    def pick(self, document: Any) -> dict[str, Any]:
        return dict(document)


class Bindings(ResourceFact):
    """Return the bindings of roles in the whole cluster, of one kind.

    + resource: "clusterrolebindings", or "rolebindings" for those of all namespaces

    ```python
    [{"metadata": {"name": "web"}, "roleRef": {"kind": "ClusterRole", "name": …}, "subjects": …}]
    ```
    """

    data_key = "kubernetes_path"
    form: Any = forms.Bindings

    @override
    def command(self, resource: str) -> Request:
        return get(f"/apis/{GROUP}/v1/{resource}", all_pages=True)

    @override
    def pick(self, document: Any) -> list[dict[str, Any]]:
        return list(document["items"])
