"""What a request to the Kubernetes API is about."""

import json
from collections.abc import Callable
from typing import Any

import yaml
from aiohttp import web

from lab.kubernetes.access.rbac import Attributes
from lab.kubernetes.fields import Reading
from lab.kubernetes.resources import RESOURCES, Resource
from lab.kubernetes.status import ApiError, bad_request, invalid

LARGEST = 3 * 2**20
VALIDATIONS = ("", "Ignore", "Strict", "Warn")


def key(request: web.Request) -> tuple[str, str, str]:
    """Return resource, namespace and name of the object that a request is about."""
    info = request.match_info
    return info["plural"], info.get("namespace", ""), info.get("name", "")


def root_of(path: str) -> str:
    """Return the beginning of a path: group and version, or `/api/v1`."""
    parts = path.split("/")
    return "/".join(parts[:4] if parts[1:2] == ["apis"] else parts[:3])


def as_asked(request: web.Request, document: dict[str, Any]) -> dict[str, Any]:
    """Return an object in the version that a request asks for: only its apiVersion differs."""
    return {**document, "apiVersion": _api_version(request)}


def _api_version(request: web.Request) -> str:
    return root_of(request.path).removeprefix("/apis/").removeprefix("/api/")


def subresource(request: web.Request) -> str:
    """Return the subresource that a request is about."""
    last = request.path.rpartition("/")[2]
    return last if last in ("status", "eviction") else ""


def is_dry_run(request: web.Request) -> bool:
    """Return whether a request is to change nothing."""
    body = request["body"] if request.method == "DELETE" else None
    given = body.get("dryRun") if isinstance(body, dict) else None
    return request.query.get("dryRun") == "All" or given == ["All"]


OPTIONS = {"create": "Create", "update": "Update", "patch": "Patch", "delete": "Delete"}


def check_options(request: web.Request, verb: str) -> None:
    """Refuse a dry run and a validation of fields that there are not, and too large a body."""
    if verb not in OPTIONS:
        return
    if (request.content_length or 0) > LARGEST:
        text = f"Request entity too large: limit is {LARGEST}"
        raise ApiError(413, "RequestEntityTooLarge", text)
    options = Resource("options", "meta.k8s.io", "v1", f"{OPTIONS[verb]}Options")
    body = request["body"] if verb == "delete" else None
    given = list(body.get("dryRun") or []) if isinstance(body, dict) else []
    given += request.query.getall("dryRun", [])
    if set(given) - {"All"}:
        text = f'Unsupported value: {json.dumps(given)}: supported values: "All"'
        raise invalid(options, "", ("dryRun", "FieldValueNotSupported", text))
    validation = request.query.get("fieldValidation", "")
    if validation not in VALIDATIONS:
        supported = ", ".join(f'"{value}"' for value in VALIDATIONS)
        text = f'Unsupported value: "{validation}": supported values: {supported}'
        raise invalid(options, "", ("fieldValidation", "FieldValueNotSupported", text))


def read_fields(
    request: web.Request,
    read: Callable[[Resource, dict[str, Any], str], Reading],
    document: dict[str, Any],
) -> dict[str, Any]:
    """Return an object without unknown fields, of which the answer warns.

    + read: `written` or `patched`
    """
    validation = request.query.get("fieldValidation", "")
    reading = read(RESOURCES[request.match_info["plural"]], document, validation)
    if validation != "Ignore":
        request["warnings"] += [f'unknown field "{path}"' for path in reading.unknown]
    return reading.document


def attributes(request: web.Request, verb: str) -> Attributes:
    """Return what a request asks the authorizer for."""
    plural, namespace, name = key(request)
    group = RESOURCES[plural].group
    return Attributes(verb, group, plural, subresource(request), namespace, name)


def manager_of(request: web.Request) -> str:
    """Return who becomes the owner of what a request writes."""
    agent = request.headers.get("User-Agent", "").partition("/")[0]
    return request.query.get("fieldManager") or agent or "unknown"


def document_of(request: web.Request, document: Any) -> dict[str, Any]:
    """Return an object whose kind, name and namespace fit the path, in the version of the store."""
    plural, namespace, name = key(request)
    resource = RESOURCES[plural]
    if not isinstance(document, dict):
        raise bad_request(
            "the object provided is unrecognized (must be of type " + resource.kind + ")"
        )
    expected = _api_version(request)
    if not resource.custom:  # Its kind is that of the path, where nothing is said.
        document.setdefault("kind", resource.kind)
        document.setdefault("apiVersion", expected)
    for field in ("kind", "apiVersion"):
        if not document.get(field):
            text = f"the object provided is unrecognized (must be of type {resource.kind}): Object"
            raise bad_request(f"{text} '{field[0].upper()}{field[1:]}' is missing")
    if (document["kind"], document["apiVersion"]) != (resource.kind, expected):
        raise bad_request(
            f'{document["kind"]} in version "{document["apiVersion"]}" cannot be handled as a'
            f" {resource.kind}: the API version in the data ({document['apiVersion']}) does not"
            f" match the expected API version ({expected})"
        )
    document["apiVersion"] = resource.api_version
    metadata = document["metadata"] = document.get("metadata") or {}
    if name and not metadata.get("name"):
        text = f"the name of the object ({name} based on URL) was undeterminable"
        raise bad_request(f"{text}: name must be provided")
    if name and metadata.get("name", name) != name:
        given = metadata["name"]
        text = f"the name of the object ({given}) does not match the name on the URL ({name})"
        raise bad_request(text)
    if metadata.get("namespace", namespace) != namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return document


def parse_yaml(body: Any) -> Any:
    """Return what a YAML body says; JSON is YAML, and has been read already."""
    try:
        return yaml.safe_load(body) if isinstance(body, str) else body
    except yaml.YAMLError as error:
        raise bad_request(f"error decoding YAML: {error}") from None
