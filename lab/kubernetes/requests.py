"""What a request to the Kubernetes API is about."""

from typing import Any

import yaml
from aiohttp import web

from lab.kubernetes.access.rbac import Attributes
from lab.kubernetes.resources import RESOURCES
from lab.kubernetes.status import bad_request


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
    document.setdefault("kind", resource.kind)
    expected = _api_version(request)
    document.setdefault("apiVersion", expected)
    if (document["kind"], document["apiVersion"]) != (resource.kind, expected):
        raise bad_request(
            f'{document["kind"]} in version "{document["apiVersion"]}" cannot be handled as a'
            f" {resource.kind}: the API version in the data ({document['apiVersion']}) does not"
            f" match the expected API version ({expected})"
        )
    document["apiVersion"] = resource.api_version
    metadata = document.setdefault("metadata", {})
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
