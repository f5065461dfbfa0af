"""Which fields an object may have, and of which type, as far as clients of the site write them.

What is below the template of a pod or a job, and a status, is not looked at.

https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
"""

import json
from typing import Any, NamedTuple

from lab.kubernetes.micro_time import problem_of
from lab.kubernetes.resources import Resource
from lab.kubernetes.status import ApiError, bad_request, invalid, invalid_patch

ANY, TEXT, FLAG, NUMBER, TIME = "any", "string", "bool", "int64", "MicroTime"
OTHERS = "*"  # the type of each member that is not named
LIST = "[]"  # the type of each item
TEXTS = {OTHERS: TEXT}
METADATA: dict[str, Any] = {
    **dict.fromkeys(("name", "generateName", "namespace", "uid", "resourceVersion"), TEXT),
    **dict.fromkeys(("selfLink", "creationTimestamp", "deletionTimestamp"), TEXT),
    **dict.fromkeys(("generation", "deletionGracePeriodSeconds"), NUMBER),
    **{"labels": TEXTS, "annotations": TEXTS, "finalizers": {LIST: TEXT}},
    **{"ownerReferences": {LIST: ANY}, "managedFields": {LIST: ANY}},
}
OBJECT = {"apiVersion": TEXT, "kind": TEXT, "metadata": METADATA}
TEXT_LIST = {LIST: TEXT}
RULES: dict[str, Any] = {
    LIST: dict.fromkeys(
        ("apiGroups", "resources", "verbs", "resourceNames", "nonResourceURLs"), TEXT_LIST
    )
}
BINDING: dict[str, Any] = {
    "roleRef": dict.fromkeys(("apiGroup", "kind", "name"), TEXT),
    "subjects": {LIST: dict.fromkeys(("apiGroup", "kind", "name", "namespace"), TEXT)},
}
CRON_JOB: dict[str, Any] = {
    **dict.fromkeys(("schedule", "timeZone", "concurrencyPolicy"), TEXT),
    **dict.fromkeys(("successfulJobsHistoryLimit", "failedJobsHistoryLimit"), NUMBER),
    **{"suspend": FLAG, "startingDeadlineSeconds": NUMBER, "jobTemplate": ANY},
}
BUDGET: dict[str, Any] = dict.fromkeys(
    ("minAvailable", "maxUnavailable", "selector", "unhealthyPodEvictionPolicy"), ANY
)
LEASE: dict[str, Any] = {
    **dict.fromkeys(("holderIdentity", "preferredHolder", "strategy"), TEXT),
    **dict.fromkeys(("leaseDurationSeconds", "leaseTransitions"), NUMBER),
    **dict.fromkeys(("acquireTime", "renewTime"), TIME),
}
CUSTOM: dict[str, Any] = {"spec": {OTHERS: ANY}, "status": {OTHERS: ANY}}
KAFKA: dict[str, Any] = {"config": {OTHERS: ANY}, "listeners": {LIST: ANY}, OTHERS: ANY}
KINDS: dict[str, dict[str, Any]] = {
    "ConfigMap": {"data": TEXTS, "binaryData": TEXTS, "immutable": FLAG},
    "Secret": {"data": TEXTS, "stringData": TEXTS, "type": TEXT, "immutable": FLAG},
    "CronJob": {"spec": CRON_JOB, "status": ANY},
    "PodDisruptionBudget": {"spec": BUDGET, "status": ANY},
    "Lease": {"spec": LEASE},
    "Role": {"rules": RULES},
    "ClusterRole": {"rules": RULES, "aggregationRule": ANY},
    "RoleBinding": BINDING,
    "ClusterRoleBinding": BINDING,
    "Kafka": {**CUSTOM, "spec": {"kafka": KAFKA, OTHERS: ANY}},
    "KafkaNodePool": CUSTOM,
    "KafkaUser": CUSTOM,
}
OTHER_KIND = {"spec": ANY, "status": ANY}
# type of a value -> its name in Go's package of JSON, and in OpenAPI
NAMES: dict[type, tuple[str, str]] = {
    **{bool: ("bool", "boolean"), int: ("number", "integer"), float: ("number", "number")},
    **{str: ("string", "string"), list: ("array", "array"), dict: ("object", "object")},
}


class Wrong(NamedTuple):
    """A value of a type that its field has not.

    + problem: what is said of it where its type is right
    """

    path: str
    value: Any
    wanted: Any
    problem: str = ""

    @property
    def is_a(self) -> tuple[str, str]:
        """What the value is, for Go and for OpenAPI."""
        return NAMES[type(self.value)]

    @property
    def kind(self) -> str:
        """What it should be, for OpenAPI."""
        if isinstance(self.wanted, str):
            return {TEXT: "string", TIME: "string", FLAG: "boolean", NUMBER: "integer"}[self.wanted]
        return "array" if LIST in self.wanted else "object"

    @property
    def go_type(self) -> str:
        """What it should be, for Go."""
        if isinstance(self.wanted, str):
            return self.wanted
        return "map[string]string" if self.wanted == TEXTS else f"v1.{self.path.rpartition('.')[2]}"


class Reading:
    """An object without the fields that there are not.

    + unknown: their paths
    + wrong: values of another type
    """

    def __init__(self, resource: Resource, document: dict[str, Any]) -> None:
        self.resource = resource
        self.unknown: list[str] = []
        self.wrong: list[Wrong] = []
        known = {**OBJECT, **KINDS.get(resource.kind, OTHER_KIND)}
        self.document: dict[str, Any] = self._read("", document, known)

    def _read(self, path: str, value: Any, known: Any) -> Any:
        if known == ANY or value is None:
            return value
        if isinstance(known, str):
            problem = problem_of(value) if known == TIME and isinstance(value, str) else ""
            if problem or not _fits(value, known):
                self.wrong.append(Wrong(path, value, known, problem))
            return value
        wanted = list if LIST in known else dict
        if not isinstance(value, wanted):
            self.wrong.append(Wrong(path, value, known))
            return value
        if isinstance(value, list):
            return [self._read(f"{path}[{n}]", item, known[LIST]) for n, item in enumerate(value)]
        return self._members(path, value, known)

    def _members(self, path: str, value: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
        result = {}
        for name, item in value.items():
            below = f"{path}.{name}" if path else name
            if name in known and name not in (OTHERS, LIST):
                result[name] = self._read(below, item, known[name])
            elif OTHERS in known:
                # Go's map of texts has no null: it is the empty one.
                is_null = item is None and known[OTHERS] == TEXT
                result[name] = "" if is_null else self._read(below, item, known[OTHERS])
            else:
                self.unknown.append(below)
        return result


def _fits(value: Any, known: str) -> bool:
    if known == NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if known == FLAG else str)


def written(resource: Resource, document: dict[str, Any], validation: str) -> Reading:
    """Read what POST and PUT bring; refuse a wrong type, and with `Strict` unknown fields."""
    reading = Reading(resource, document)
    _refuse_custom(reading, document)
    what = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}'
    if reading.wrong:
        raise bad_request(f"{what}: {_unmarshalled(reading)}")
    if reading.unknown and validation == "Strict":
        raise bad_request(f"{what}: {_strict(reading)}")
    return reading


def patched(resource: Resource, document: dict[str, Any], validation: str) -> Reading:
    """Read what a patch makes; refuse a wrong type, and with `Strict` unknown fields."""
    reading = Reading(resource, document)
    _refuse_custom(reading, document)
    why = _unmarshalled(reading) if reading.wrong else ""
    if not why and reading.unknown and validation == "Strict":
        why = _strict(reading)
    if why:
        text = json.dumps(document, separators=(",", ":"), sort_keys=True)
        raise invalid_patch(text, why)
    return reading


def applied(resource: Resource, document: dict[str, Any]) -> dict[str, Any]:
    """Read what is applied; what does not fit the schema is a fault of the server's."""
    reading = Reading(resource, document)
    name = (document.get("metadata") or {}).get("name", "")
    what = (
        f"failed to create typed patch object (/{name}; {_version(resource)}, Kind={resource.kind})"
    )
    if reading.unknown:
        raise ApiError(500, "", f"{what}: .{reading.unknown[0]}: field not declared in schema")
    if reading.wrong:
        wrong = reading.wrong[0]
        text = f"expected {wrong.kind}, got &value.valueUnstructured{{Value:{wrong.value}}}"
        raise ApiError(500, "", f"{what}: .{wrong.path}: {text}")
    if reading.document.get("rules", "") is None:
        reading.document["rules"] = []  # A list that is null is owned as well.
    return reading.document


def _version(resource: Resource) -> str:
    return resource.api_version if resource.group else f"/{resource.version}"


def _refuse_custom(reading: Reading, document: dict[str, Any]) -> None:
    if not reading.resource.custom or not reading.wrong:
        return
    causes = []
    for wrong in reading.wrong:
        text = f"{wrong.path} in body must be of type {wrong.kind}"
        text = f'Invalid value: "{wrong.is_a[1]}": {text}: "{wrong.is_a[1]}"'
        causes.append((wrong.path, "FieldValueTypeInvalid", text))
    raise invalid(reading.resource, document["metadata"].get("name", ""), *causes)


def _unmarshalled(reading: Reading) -> str:
    wrong = reading.wrong[0]
    if wrong.problem:
        return wrong.problem
    field = "data" if wrong.path.startswith("data.") else wrong.path  # A key is not named.
    return (
        f"json: cannot unmarshal {wrong.is_a[0]} into Go struct field"
        f" {reading.resource.kind}.{field} of type {wrong.go_type}"
    )


def _strict(reading: Reading) -> str:
    found = ", ".join(f'unknown field "{path}"' for path in reading.unknown)
    return f"strict decoding error: {found}"
