"""Kubernetes: an object store with the rules of the API server that matter here.

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

import copy
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.kubernetes.apply.managed_fields import Manager, Owners
from lab.kubernetes.apply.server_side import apply
from lab.kubernetes.resources import RESOURCES, Resource, of_kind
from lab.kubernetes.selectors import fields_match, labels_match
from lab.kubernetes.served import Served
from lab.kubernetes.status import ApiError as ApiError
from lab.kubernetes.status import already_exists, conflict, invalid, not_found
from lab.kubernetes.validation import admit

Key = tuple[str, str, str]

INSTALLER = "kubectl-create"
# What a write takes over from the object that it replaces.
KEPT = (
    *("uid", "creationTimestamp", "namespace", "generation", "name", "resourceVersion"),
    *("deletionTimestamp", "deletionGracePeriodSeconds", "managedFields"),
)
MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


class Kubernetes:
    """Objects by resource, namespace and name; it knows nothing of HTTP.

    + objects: returns the objects of the beginning

    `observers` are called with each object that was stored, as a controller that watches is.
    """

    def __init__(self, objects: Callable[[], Iterable[dict[str, Any]]]) -> None:
        self._initial = objects
        self.version = 1000
        self.served = Served()
        self.objects: dict[Key, dict[str, Any]] = {}
        self.observers: list[Callable[[str, dict[str, Any]], None]] = []

    def reset(self) -> None:
        """Go back to the objects of the beginning; pods are made by `workloads.pods`."""
        self.objects.clear()
        self.served.reset()
        self.create_all(self._initial())

    def create_all(self, documents: Iterable[dict[str, Any]]) -> None:
        """Store the objects of an installation."""
        for document in documents:
            namespace = document["metadata"].get("namespace", "")
            self.create(of_kind(document["kind"]).plural, namespace, document)

    def state(self) -> list[dict[str, Any]]:
        """Return all objects for `GET /state`."""
        return [
            {"kind": o["kind"], "namespace": namespace, "name": name, "object": o}
            for (_, namespace, name), o in sorted(self.objects.items())
        ]

    def get(self, plural: str, namespace: str, name: str) -> dict[str, Any]:
        """Return an object; raise ApiError 404 where there is none."""
        try:
            return self.objects[plural, namespace, name]
        except KeyError:
            raise not_found(RESOURCES[plural], name) from None

    def select(
        self, plural: str, namespace: str | None, labels: str, fields: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Return the objects of a resource that a label and a field selector leave."""
        # What is no selector is refused also where there is no object.
        fields_match(fields, RESOURCES[plural], {})
        labels_match(labels, {})
        for (kind, space, _), document in sorted(self.objects.items()):
            if kind != plural or namespace not in (None, space):
                continue
            given = document["metadata"].get("labels") or {}
            if fields_match(fields, RESOURCES[plural], document) and labels_match(labels, given):
                yield document

    def create(
        self,
        plural: str,
        namespace: str,
        document: dict[str, Any],
        dry_run: bool = False,
        manager: str = INSTALLER,
    ) -> dict[str, Any]:
        """Store a new object and return it."""
        resource, document = RESOURCES[plural], copy.deepcopy(document)
        if resource.custom:
            document.pop("status", None)
        owners = Owners({}, resource)
        self._make(resource, namespace, document)
        owners.update(Manager(manager), {}, document)
        return self._store(resource, document, owners, dry_run)

    def replace(
        self,
        plural: str,
        namespace: str,
        name: str,
        document: dict[str, Any],
        dry_run: bool = False,
        manager: str = INSTALLER,
        subresource: str = "",
        is_patch: bool = False,
    ) -> dict[str, Any]:
        """Store an object in the place of the one with its name; refuse one that is outdated.

        + subresource: `status`, to write nothing but the status, which is else left as it is
        + is_patch: whether the object was made of the one that is there
        """
        resource, live = RESOURCES[plural], self.get(plural, namespace, name)
        _check(resource, live, document, is_patch)
        given, document = document, copy.deepcopy(live if subresource else document)
        if subresource:
            document["status"] = copy.deepcopy(given.get("status", {}))
        elif resource.has_status:
            _copy(("status",), live, document)
        _copy(KEPT, live["metadata"], document.setdefault("metadata", {}))
        admit(resource, document, live)
        if document == live:
            return document
        _count_generation(live, document)
        owners = Owners(live, resource)
        owners.update(Manager(manager, subresource=subresource), live, document)
        return self._store(resource, document, owners, dry_run)

    def apply(
        self,
        plural: str,
        namespace: str,
        name: str,
        document: dict[str, Any],
        manager: str,
        force: bool = False,
        dry_run: bool = False,
    ) -> tuple[dict[str, Any], bool]:
        """Apply an object on the server's side; return it and whether it is new."""
        resource, live = RESOURCES[plural], self.objects.get((plural, namespace, name))
        by = Manager(manager, "Apply")
        if live is None:
            uid = (document.get("metadata") or {}).get("uid")
            if uid:  # A resourceVersion alone does not keep it from being made.
                text = f"uid mismatch: the provided object specified uid {uid}"
                raise conflict(resource, name, f"{text}, and no existing object was found")
            new, owners = apply({}, document, by, force, resource)
            self._make(resource, namespace, new)
            return self._store(resource, new, owners, dry_run), True
        _check(resource, live, document, True)
        new, owners = apply(live, document, by, force, resource)
        _copy(KEPT, live["metadata"], new["metadata"])
        admit(resource, new, live)
        if new == live and owners.entries() == live["metadata"].get("managedFields"):
            return new, False
        _count_generation(live, new)
        return self._store(resource, new, owners, dry_run), False

    def mark_deleted(self, namespace: str, name: str, grace: float) -> dict[str, Any]:
        """Let a pod terminate: it says when it will be gone, and is there until `delete`."""
        pod = copy.deepcopy(self.get("pods", namespace, name))
        moment = datetime.now(UTC) + timedelta(seconds=grace)
        pod["metadata"]["deletionTimestamp"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        pod["metadata"]["deletionGracePeriodSeconds"] = grace
        return self._store(RESOURCES["pods"], pod, Owners(pod, RESOURCES["pods"]), False)

    def delete(self, plural: str, namespace: str, name: str) -> dict[str, Any]:
        """Remove an object and return it."""
        document = self.get(plural, namespace, name)
        del self.objects[plural, namespace, name]
        self.version += 1
        return document

    def _make(self, resource: Resource, namespace: str, document: dict[str, Any]) -> None:
        metadata = document["metadata"]
        if "name" not in metadata and "generateName" in metadata:
            metadata["name"] = metadata["generateName"] + secrets.token_hex(3)[:5]
        if not metadata.get("name"):
            text = "Required value: name or generateName is required"
            raise invalid(resource, "", ("metadata.name", "FieldValueRequired", text))
        if (resource.plural, namespace, metadata["name"]) in self.objects:
            raise already_exists(resource, metadata["name"])
        if namespace:
            self.get("namespaces", "", namespace)
            metadata["namespace"] = namespace
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = now()
        if resource.counts and "spec" in document:
            metadata["generation"] = 1
        admit(resource, document, None)

    def _store(
        self, resource: Resource, document: dict[str, Any], owners: Owners, dry_run: bool
    ) -> dict[str, Any]:
        metadata = document["metadata"]
        metadata["managedFields"] = owners.entries()
        if not dry_run:
            self.version += 1
            metadata["resourceVersion"] = str(self.version)
            key = (resource.plural, metadata.get("namespace", ""), metadata["name"])
            self.objects[key] = document
            for observer in self.observers:
                observer(resource.plural, document)
        return document


def now() -> str:
    """Return the time as the API server writes it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _check(
    resource: Resource, live: dict[str, Any], document: dict[str, Any], is_patch: bool
) -> None:
    metadata, name = document.get("metadata") or {}, live["metadata"]["name"]
    version, uid = metadata.get("resourceVersion"), metadata.get("uid")
    if version and not str(version).isdecimal():
        raise ApiError(500, "", f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version and version != "0" and version != live["metadata"]["resourceVersion"]:
        raise conflict(resource, name, MODIFIED)
    if uid and uid != live["metadata"]["uid"]:
        if is_patch:
            text = f'Invalid value: "{uid}": field is immutable'
            raise invalid(resource, name, ("metadata.uid", "FieldValueInvalid", text))
        text = f"UID in precondition: {uid}, UID in object meta: {live['metadata']['uid']}"
        raise conflict(resource, name, f"Precondition failed: {text}")


def _copy(names: Iterable[str], source: dict[str, Any], target: dict[str, Any]) -> None:
    for name in names:
        if name in source:
            target[name] = copy.deepcopy(source[name])
        else:
            target.pop(name, None)


def _count_generation(live: dict[str, Any], document: dict[str, Any]) -> None:
    if document.get("spec") != live.get("spec") and "generation" in live["metadata"]:
        document["metadata"]["generation"] += 1
