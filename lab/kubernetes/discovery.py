"""What the API server says about itself: version, groups, resources, and a little OpenAPI."""

from typing import Any

from aiohttp import web

from lab.kubernetes.access.reviews import GROUP, KINDS, ROOT
from lab.kubernetes.resources import RESOURCES, Resource
from lab.server.http import Handler

VERBS = ["create", "delete", "get", "list", "patch", "update"]
PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "force")


def routes() -> list[tuple[str, str, Handler]]:
    """Return the routes of discovery."""
    roots = sorted({resource.root for resource in RESOURCES.values()} | {ROOT})
    return [
        ("GET", "/version", _version),
        ("GET", "/api", _api_versions),
        ("GET", "/apis", _groups),
        *(("GET", root, _resources) for root in roots),
        ("GET", "/openapi/v3", _openapi_index),
        *(("GET", f"/openapi/v3{root}", _openapi) for root in roots),
    ]


async def _version(request: web.Request) -> web.Response:
    return web.json_response({"major": "1", "minor": "32", "gitVersion": "v1.32.4"})


async def _api_versions(request: web.Request) -> web.Response:
    return web.json_response({"kind": "APIVersions", "versions": ["v1"]})


async def _groups(request: web.Request) -> web.Response:
    groups = []
    known = {(r.group, r.version) for r in RESOURCES.values() if r.group} | {(GROUP, "v1")}
    for group, version in sorted(known):
        entry = {"groupVersion": f"{group}/{version}", "version": version}
        groups.append({"name": group, "versions": [entry], "preferredVersion": entry})
    return web.json_response({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})


async def _resources(request: web.Request) -> web.Response:
    group = request.path.removeprefix("/apis/").removeprefix("/api/")
    resources = [entry for r in _of(request.path) for entry in _entries(r)]
    if request.path == ROOT:
        resources = [_entry(plural, kind, False, ["create"]) for plural, kind in KINDS.items()]
    return web.json_response(
        {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": group,
            "resources": resources,
        }
    )


def _of(root: str) -> list[Resource]:
    return [resource for resource in RESOURCES.values() if resource.root == root]


def _entries(resource: Resource) -> list[dict[str, Any]]:
    main = _entry(resource.plural, resource.kind, resource.namespaced, VERBS)
    found = [main | {"shortNames": list(resource.short)}]
    below = {"status": ["get", "patch", "update"]} if resource.has_status else {}
    if resource.plural == "pods":
        below["exec"] = ["create", "get"]
    for name, verbs in below.items():
        kind = "PodExecOptions" if name == "exec" else resource.kind
        found.append(_entry(f"{resource.plural}/{name}", kind, resource.namespaced, verbs))
    return found


def _entry(name: str, kind: str, namespaced: bool, verbs: list[str]) -> dict[str, Any]:
    singular = "" if "/" in name else kind.lower()
    return {
        "name": name,
        "singularName": singular,
        "namespaced": namespaced,
        "kind": kind,
        "verbs": verbs,
    }


async def _openapi_index(request: web.Request) -> web.Response:
    roots = sorted({resource.root for resource in RESOURCES.values()} | {ROOT})
    paths = {root[1:]: {"serverRelativeURL": f"/openapi/v3{root}"} for root in roots}
    return web.json_response({"paths": paths})


async def _openapi(request: web.Request) -> web.Response:
    """Say which parameters a patch takes: kubectl asks that before it applies something."""
    root = request.path.removeprefix("/openapi/v3")
    paths = {}
    for resource in _of(root):
        space = "/namespaces/{namespace}" if resource.namespaced else ""
        group = {"group": resource.group, "version": resource.version, "kind": resource.kind}
        patch = {
            "parameters": [{"name": name, "in": "query"} for name in PARAMETERS],
            "responses": {"200": {"description": "OK"}},
            "x-kubernetes-group-version-kind": group,
        }
        paths[f"{root}{space}/{resource.plural}/{{name}}"] = {"patch": patch}
    information = {"title": "Kubernetes", "version": "v1.32.4"}
    return web.json_response({"openapi": "3.0.0", "info": information, "paths": paths})
