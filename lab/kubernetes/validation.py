"""What the API server fills in and refuses in an object before it is stored."""

import base64
import binascii
import re
import zoneinfo
from collections.abc import Callable, Iterable
from typing import Any

from lab.kubernetes.cron import problem_of
from lab.kubernetes.metadata import LONGEST_NAME, problems
from lab.kubernetes.micro_time import in_utc
from lab.kubernetes.resources import RBAC, Resource
from lab.kubernetes.status import bad_request, invalid

KEY = re.compile(r"[-._a-zA-Z0-9]+")
NO_KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', "
    " or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
LARGEST = 2**20
LONGEST_CRON_JOB = 52
POLICIES = ("Allow", "Forbid", "Replace")
SUBJECTS = ("ServiceAccount", "User", "Group")
CRON_JOB_DEFAULTS = {
    "concurrencyPolicy": "Allow",
    "suspend": False,
    "successfulJobsHistoryLimit": 3,
    "failedJobsHistoryLimit": 1,
}
NOT_CHANGED = "Forbidden: field is immutable when `immutable` is set"

Document = dict[str, Any]


def admit(resource: Resource, document: Document, live: Document | None) -> None:
    """Fill in defaults; raise ApiError where the object may not be stored.

    + live: the object that it replaces
    """
    causes = problems(resource.kind, document["metadata"])
    if causes:
        raise invalid(resource, document["metadata"]["name"], *causes)
    if resource.kind in RULES:
        RULES[resource.kind](resource, document, live)


def _cron_job(resource: Resource, document: Document, live: Document | None) -> None:
    name, spec = document["metadata"]["name"], document.setdefault("spec", {})
    for field, value in CRON_JOB_DEFAULTS.items():
        if spec.get(field) is None:
            spec[field] = value
    causes = []
    if len(name) > LONGEST_CRON_JOB:
        text = f"must be no more than {LONGEST_CRON_JOB} characters"
        causes.append(("metadata.name", name, text))
    schedule, zone, policy = spec.get("schedule"), spec.get("timeZone"), spec["concurrencyPolicy"]
    if not schedule:
        cause = ("spec.schedule", "FieldValueRequired", "Required value")
        raise invalid(resource, name, cause)
    if problem := problem_of(schedule):
        causes.append(("spec.schedule", schedule, problem))
    if zone is not None and zone not in zoneinfo.available_timezones():
        text = f"unknown time zone {zone}"
        text = text if zone else "timeZone must be nil or non-empty string"
        causes.append(("spec.timeZone", zone, text))
    found = [(f, "FieldValueInvalid", f'Invalid value: "{v}": {text}') for f, v, text in causes]
    if policy not in POLICIES:
        text = f'Unsupported value: "{policy}": supported values: {_quoted(POLICIES)}'
        found.append(("spec.concurrencyPolicy", "FieldValueNotSupported", text))
    for field in ("startingDeadlineSeconds", *tuple(CRON_JOB_DEFAULTS)[2:]):
        if (spec.get(field) or 0) < 0:
            text = f"Invalid value: {spec[field]}: must be greater than or equal to 0"
            found.append((f"spec.{field}", "FieldValueInvalid", text))
    if found:
        raise invalid(resource, name, *found)


def _config_map(resource: Resource, document: Document, live: Document | None) -> None:
    _keep_immutable(resource, document, live)
    name, size = document["metadata"]["name"], 0
    for field in ("data", "binaryData"):
        for key, value in (document.get(field) or {}).items():
            size += len(value.encode())
            if problem := _of_key(key):
                text = f'Invalid value: "{key}": {problem}'
                raise invalid(resource, name, (f"{field}[{key}]", "FieldValueInvalid", text))
    if size > LARGEST:
        text = f"Too long: may not be more than {LARGEST} bytes"
        raise invalid(resource, name, ("[]", "FieldValueTooLong", text))


def _of_key(key: str) -> str:
    if len(key) > LONGEST_NAME:
        return f"must be no more than {LONGEST_NAME} bytes"
    if not KEY.fullmatch(key):
        return NO_KEY
    if key in (".", ".."):
        return f"must not be '{key}'"
    return "must not start with '..'" if key.startswith("..") else ""


def _keep_immutable(resource: Resource, document: Document, live: Document | None) -> None:
    if not (live or {}).get("immutable"):
        return
    assert live is not None
    changed = [
        (field, "FieldValueForbidden", NOT_CHANGED)
        for field in ("immutable", "data", "binaryData")
        if document.get(field) != live.get(field)
    ]
    if changed:
        raise invalid(resource, document["metadata"]["name"], *changed)


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


def _secret(resource: Resource, document: Document, live: Document | None) -> None:
    data = document.setdefault("data", {})
    for key, text in (document.pop("stringData", None) or {}).items():
        data[key] = base64.b64encode(text.encode()).decode()
    document.setdefault("type", "Opaque")
    _keep_immutable(resource, document, live)
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
    document["rules"] = document.get("rules") or None
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
        text = f'Unsupported value: "{role.get("kind", "")}": supported values: {_quoted(kinds)}'
        raise invalid(resource, name, ("roleRef.kind", "FieldValueNotSupported", text))
    if live is not None and role != live["roleRef"]:
        text = (
            f'Invalid value: {{"APIGroup":"{role["apiGroup"]}","Kind":"{role["kind"]}",'
            f'"Name":"{role["name"]}"}}: field is immutable'
        )
        raise invalid(resource, name, ("roleRef", "FieldValueInvalid", text))
    for number, subject in enumerate(document.get("subjects") or []):
        if subject["kind"] not in SUBJECTS:
            text = f'Unsupported value: "{subject["kind"]}": supported values: {_quoted(SUBJECTS)}'
            raise invalid(
                resource, name, (f"subjects[{number}].kind", "FieldValueNotSupported", text)
            )
        if subject["kind"] != "ServiceAccount":
            subject.setdefault("apiGroup", RBAC)
        elif resource.kind == "ClusterRoleBinding" and not subject.get("namespace"):
            cause = (f"subjects[{number}].namespace", "FieldValueRequired", "Required value")
            raise invalid(resource, name, cause)


def _lease(resource: Resource, document: Document, live: Document | None) -> None:
    given = document.get("spec") or {}
    spec = document["spec"] = {name: value for name, value in given.items() if value is not None}
    causes = []
    for field, least, words in (
        ("leaseDurationSeconds", 1, "must be greater than 0"),
        ("leaseTransitions", 0, "must be greater than or equal to 0"),
    ):
        if spec.get(field, least) < least:
            text = f"Invalid value: {spec[field]}: {words}"
            causes.append((f"spec.{field}", "FieldValueInvalid", text))
    if causes:
        raise invalid(resource, document["metadata"]["name"], *causes)
    for field in ("acquireTime", "renewTime"):
        if field in spec:
            spec[field] = in_utc(spec[field])


RULES: dict[str, Callable[[Resource, Document, Document | None], None]] = {
    "ClusterRole": _role,
    "ClusterRoleBinding": _binding,
    "ConfigMap": _config_map,
    "CronJob": _cron_job,
    "Lease": _lease,
    "Pod": _pod,
    "PodDisruptionBudget": _budget,
    "Role": _role,
    "RoleBinding": _binding,
    "Secret": _secret,
}
