"""What the API server fills in and refuses in an object before it is stored."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from lab.kubernetes.resources import RBAC, Resource
from lab.kubernetes.status import bad_request, invalid

CRON_FIELD = re.compile(r"^(\*|\d+(-\d+)?)(/\d+)?(,(\*|\d+(-\d+)?)(/\d+)?)*$")
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
NAMED_FREELY = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")

Document = dict[str, Any]


def admit(resource: Resource, document: Document, live: Document | None) -> None:
    """Fill in defaults; raise ApiError where the object may not be stored.

    + live: the object that it replaces
    """
    name = document["metadata"]["name"]
    if resource.kind not in NAMED_FREELY and not NAME.fullmatch(name):
        text = (
            f'Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case'
            " alphanumeric characters, '-' or '.', and must start and end with an alphanumeric"
            " character"
        )
        raise invalid(resource, name, ("metadata.name", "FieldValueInvalid", text))
    if resource.kind in RULES:
        RULES[resource.kind](resource, document, live)


def _cron_job(resource: Resource, document: Document, live: Document | None) -> None:
    spec = document["spec"]
    schedule = spec.get("schedule", "")
    fields = str(schedule).split()
    if len(fields) != 5 or not all(CRON_FIELD.match(field) for field in fields):
        cause = ("spec.schedule", "FieldValueInvalid", f'Invalid value: "{schedule}"')
        raise invalid(resource, document["metadata"]["name"], cause)
    if not isinstance(spec.get("suspend", False), bool):
        raise bad_request("CronJob.spec.suspend: expected bool")


def _config_map(resource: Resource, document: Document, live: Document | None) -> None:
    for value in (document.get("data") or {}).values():
        if not isinstance(value, str):
            raise bad_request("ConfigMap.data: expected string")


def _secret(resource: Resource, document: Document, live: Document | None) -> None:
    data = document.setdefault("data", {})
    for key, text in (document.pop("stringData", None) or {}).items():
        data[key] = base64.b64encode(text.encode()).decode()
    document.setdefault("type", "Opaque")
    for value in data.values():
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise bad_request("Secret.data: illegal base64 data") from None


def _budget(resource: Resource, document: Document, live: Document | None) -> None:
    spec = document.setdefault("spec", {})
    given = [name for name in ("minAvailable", "maxUnavailable") if spec.get(name) is not None]
    problem = ""
    if len(given) == 2:
        field, problem = "spec", "minAvailable and maxUnavailable cannot be both set"
    for name in given:
        if not re.fullmatch(r"\d+%?", str(spec[name])) or spec[name] == "":
            field = f"spec.{name}"
            problem = "must be an integer or percentage (e.g '5%%') and not below 0"
    if problem:
        cause = (field, "FieldValueInvalid", f"Invalid value: {problem}")
        raise invalid(resource, document["metadata"]["name"], cause)


def _pod(resource: Resource, document: Document, live: Document | None) -> None:
    document.setdefault("status", {"phase": "Pending"})


def _role(resource: Resource, document: Document, live: Document | None) -> None:
    for number, rule in enumerate(document.get("rules") or []):
        problem = None
        if not rule.get("verbs"):
            problem = ("verbs", "Required value: verbs must contain at least one value")
        elif not rule.get("nonResourceURLs") and not rule.get("apiGroups"):
            text = "Required value: resource rules must supply at least one api group"
            problem = ("apiGroups", text)
        elif not rule.get("nonResourceURLs") and not rule.get("resources"):
            text = "Required value: resource rules must supply at least one resource"
            problem = ("resources", text)
        if problem is not None:
            cause = (f"rules[{number}].{problem[0]}", "FieldValueRequired", problem[1])
            raise invalid(resource, document["metadata"]["name"], cause)


def _binding(resource: Resource, document: Document, live: Document | None) -> None:
    name, role = document["metadata"]["name"], document.get("roleRef") or {}
    role.setdefault("apiGroup", RBAC)
    kinds = ("ClusterRole",) if resource.kind == "ClusterRoleBinding" else ("ClusterRole", "Role")
    if role.get("kind") not in kinds:
        supported = ", ".join(f'"{kind}"' for kind in kinds)
        text = f'Unsupported value: "{role.get("kind", "")}": supported values: {supported}'
        raise invalid(resource, name, ("roleRef.kind", "FieldValueNotSupported", text))
    if live is not None and role != live["roleRef"]:
        text = (
            f'Invalid value: rbac.RoleRef{{APIGroup:"{role["apiGroup"]}", Kind:"{role["kind"]}",'
            f' Name:"{role["name"]}"}}: field is immutable'
        )
        raise invalid(resource, name, ("roleRef", "FieldValueInvalid", text))
    for number, subject in enumerate(document.get("subjects") or []):
        if subject["kind"] != "ServiceAccount":
            subject.setdefault("apiGroup", RBAC)
        elif resource.kind == "ClusterRoleBinding" and not subject.get("namespace"):
            cause = (f"subjects[{number}].namespace", "FieldValueRequired", "Required value")
            raise invalid(resource, name, cause)


RULES: dict[str, Callable[[Resource, Document, Document | None], None]] = {
    "ClusterRole": _role,
    "ClusterRoleBinding": _binding,
    "ConfigMap": _config_map,
    "CronJob": _cron_job,
    "Pod": _pod,
    "PodDisruptionBudget": _budget,
    "Role": _role,
    "RoleBinding": _binding,
    "Secret": _secret,
}
