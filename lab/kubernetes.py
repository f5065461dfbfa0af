"""Kubernetes: an object store with the rules of the API server that matter here.

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

import copy
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from lab import initial

# plural -> (group, version, kind, namespaced, short names)
RESOURCES = {
    "namespaces": ("", "v1", "Namespace", False, ["ns"]),
    "pods": ("", "v1", "Pod", True, ["po"]),
    "configmaps": ("", "v1", "ConfigMap", True, ["cm"]),
    "secrets": ("", "v1", "Secret", True, []),
    "cronjobs": ("batch", "v1", "CronJob", True, ["cj"]),
    "jobs": ("batch", "v1", "Job", True, []),
}
CRON_FIELD = re.compile(r"^(\*|\d+(-\d+)?)(/\d+)?(,(\*|\d+(-\d+)?)(/\d+)?)*$")

Key = tuple[str, str, str]


class ApiError(Exception):
    """A refusal of the API server, with what its Status object says."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "code": code,
        }


class Kubernetes:
    """Objects by resource, namespace and name; it knows nothing of HTTP."""

    def __init__(self) -> None:
        self._version = 1000
        self.objects: dict[Key, dict[str, Any]] = {}

    def reset(self) -> None:
        """Go back to the objects of the beginning; pods are made by `lab.pods`."""
        self.objects.clear()
        for document in initial.objects():
            plural = next(name for name, r in RESOURCES.items() if r[2] == document["kind"])
            self.create(plural, document["metadata"].get("namespace", ""), document)

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
            group = RESOURCES[plural][0]
            resource = f"{plural}.{group}" if group else plural
            raise ApiError(404, "NotFound", f'{resource} "{name}" not found') from None

    def select(
        self, plural: str, namespace: str | None, selector: str, field: str
    ) -> Iterator[Any]:
        """Return the objects of a resource that a label and a field selector leave."""
        for (kind, space, name), document in sorted(self.objects.items()):
            if kind != plural or namespace not in (None, space):
                continue
            if field and field != f"metadata.name={name}":
                continue
            if _selects(selector, document["metadata"].get("labels", {})):
                yield document

    def create(
        self, plural: str, namespace: str, document: dict[str, Any], dry_run: bool = False
    ) -> dict[str, Any]:
        """Store a new object and return it."""
        document = copy.deepcopy(document)
        metadata = document["metadata"]
        name = metadata["name"]
        if (plural, namespace, name) in self.objects:
            raise ApiError(409, "AlreadyExists", f'{plural} "{name}" already exists')
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = now()
        if namespace:
            metadata["namespace"] = namespace
        if "spec" in document:
            metadata["generation"] = 1
        return self._store(plural, namespace, document, dry_run)

    def replace(
        self, plural: str, namespace: str, name: str, document: dict[str, Any], dry_run: bool
    ) -> dict[str, Any]:
        """Store an object in the place of the one with its name; refuse one that is outdated."""
        live = self.get(plural, namespace, name)
        document = copy.deepcopy(document)
        metadata = document.setdefault("metadata", {})
        wanted = metadata.get("resourceVersion")
        if wanted is not None and wanted != live["metadata"]["resourceVersion"]:
            text = "the object has been modified; please apply your changes to the latest version"
            raise ApiError(409, "Conflict", f'Operation cannot be fulfilled on "{name}": {text}')
        for field in ("uid", "creationTimestamp", "namespace", "generation", "name"):
            if field in live["metadata"]:
                metadata[field] = live["metadata"][field]
        metadata["resourceVersion"] = live["metadata"]["resourceVersion"]
        if document == live:
            return document
        if document.get("spec") != live.get("spec") and "generation" in metadata:
            metadata["generation"] += 1
        return self._store(plural, namespace, document, dry_run)

    def delete(self, plural: str, namespace: str, name: str) -> dict[str, Any]:
        """Remove an object and return it."""
        document = self.get(plural, namespace, name)
        del self.objects[plural, namespace, name]
        return document

    def _store(
        self, plural: str, namespace: str, document: dict[str, Any], dry_run: bool
    ) -> dict[str, Any]:
        _validate(document)
        if not dry_run:
            self._version += 1
            document["metadata"]["resourceVersion"] = str(self._version)
            self.objects[plural, namespace, document["metadata"]["name"]] = document
        return document


def now() -> str:
    """Return the time as the API server writes it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def merge(document: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = copy.deepcopy(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def json_patch(document: Any, operations: Any) -> Any:
    """Apply a JSON patch (RFC 6902): add, replace, remove and test."""
    result = copy.deepcopy(document)
    for operation in operations:
        *parents, last = [
            part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]
        ]
        target = result
        try:
            for part in parents:
                target = target[int(part)] if isinstance(target, list) else target[part]
            key = int(last) if isinstance(target, list) and last != "-" else last
            if operation["op"] == "test":
                if target[key] != operation["value"]:
                    raise KeyError(last)
            elif operation["op"] == "remove":
                del target[key]
            elif isinstance(target, list) and operation["op"] == "add":
                target.insert(len(target) if last == "-" else int(key), operation["value"])
            else:
                target[key] = operation["value"]
        except (KeyError, IndexError, TypeError, ValueError):
            text = f"the server rejected our request: {operation['op']} {operation['path']} failed"
            raise ApiError(422, "Invalid", text) from None
    return result


def _validate(document: dict[str, Any]) -> None:
    name = document["metadata"]["name"]
    if document["kind"] == "CronJob":
        spec = document["spec"]
        fields = str(spec.get("schedule", "")).split()
        if len(fields) != 5 or not all(CRON_FIELD.match(field) for field in fields):
            text = f'CronJob.batch "{name}" is invalid: spec.schedule: Invalid value'
            raise ApiError(422, "Invalid", text)
        if not isinstance(spec.get("suspend", False), bool):
            raise ApiError(400, "BadRequest", "CronJob.spec.suspend: expected bool")
    if document["kind"] == "ConfigMap":
        for value in (document.get("data") or {}).values():
            if not isinstance(value, str):
                raise ApiError(400, "BadRequest", "ConfigMap.data: expected string")


def _selects(selector: str, labels: dict[str, str]) -> bool:
    for part in filter(None, re.split(r",(?![^(]*\))", selector)):
        part = part.strip()
        if match := re.fullmatch(r"(\S+)\s+(in|notin)\s+\((.*)\)", part):
            inside = labels.get(match[1]) in [value.strip() for value in match[3].split(",")]
            if inside != (match[2] == "in"):
                return False
        elif "!=" in part:
            key, value = part.split("!=")
            if labels.get(key) == value:
                return False
        elif "=" in part:
            key, value = part.replace("==", "=").split("=")
            if labels.get(key) != value:
                return False
        elif part.startswith("!") == (part.lstrip("!") in labels):
            return False
    return True
