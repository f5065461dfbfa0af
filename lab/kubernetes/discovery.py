"""What the API server says about itself: version, groups, resources, and a little OpenAPI."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from lab.kubernetes.access.reviews import KINDS, ROOT
from lab.kubernetes.resources import RESOURCES, Resource
from lab.kubernetes.served import Served, possible_roots
from lab.server.http import Handler

VERBS = ["create", "delete", "get", "list", "patch", "update"]
KINDS_BELOW = {"exec": "PodExecOptions", "eviction": "Eviction"}
PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "force")


def routes(served: Served) -> list[tuple[str, str, Handler]]:
    """Return the routes of discovery.

    + served: which versions there are at the time of a request
    """
    asked = _Discovery(served)
    return [
        ("GET", "/version", asked.version),
        ("GET", "/api", _api_versions),
        ("GET", "/apis", asked.groups),
        ("GET", "/apis/{group}", asked.group),
        *(("GET", root, _resources) for root in (*possible_roots(), ROOT)),
        ("GET", "/openapi/v3", asked.openapi_index),
        *(("GET", f"/openapi/v3{root}", _openapi) for root in (*possible_roots(), ROOT)),
    ]


async def _api_versions(request: web.Request) -> web.Response:
    return web.json_response({"kind": "APIVersions", "versions": ["v1"]})


class _Discovery:
    """What is said about groups and their versions."""

    def __init__(self, served: Served) -> None:
        self.served = served

    async def version(self, request: web.Request) -> web.Response:
        version = self.served.version
        major, minor, _ = version.split(".")
        return web.json_response({"major": major, "minor": minor, "gitVersion": f"v{version}"})

    async def groups(self, request: web.Request) -> web.Response:
        groups = [_group(name, versions) for name, versions in self.served.groups().items()]
        return web.json_response({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})

    async def group(self, request: web.Request) -> web.Response:
        name = request.match_info["group"]
        versions = self.served.groups().get(name)
        if versions is None:
            return page_not_found()
        document = {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)}
        return web.json_response(document)

    async def openapi_index(self, request: web.Request) -> web.Response:
        roots = self.served.roots()
        paths = {root[1:]: {"serverRelativeURL": f"/openapi/v3{root}"} for root in roots}
        return web.json_response({"paths": paths})


def page_not_found() -> web.Response:
    """Answer as the API server does where it serves no such group, version or resource."""
    return web.Response(status=404, text="404 page not found\n")


def _group(name: str, versions: Sequence[str]) -> dict[str, Any]:
    entries = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


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
    group = root.split("/")[2] if root.startswith("/apis/") else ""
    return [resource for resource in RESOURCES.values() if resource.group == group]


def _entries(resource: Resource) -> list[dict[str, Any]]:
    main = _entry(resource.plural, resource.kind, resource.namespaced, VERBS)
    found = [main | {"shortNames": list(resource.short)}]
    below = {"status": ["get", "patch", "update"]} if resource.has_status else {}
    if resource.plural == "pods":
        below |= {"exec": ["create", "get"], "eviction": ["create"]}
    for name, verbs in below.items():
        kind = KINDS_BELOW.get(name, resource.kind)
        entry = _entry(f"{resource.plural}/{name}", kind, resource.namespaced, verbs)
        of_policy = {"group": "policy", "version": "v1"} if name == "eviction" else {}
        found.append(entry | of_policy)
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


async def _openapi(request: web.Request) -> web.Response:
    """Say which parameters a patch takes: kubectl asks that before it applies something."""
    root = request.path.removeprefix("/openapi/v3")
    paths = {}
    for resource in _of(root):
        space = "/namespaces/{namespace}" if resource.namespaced else ""
        group = {"group": resource.group, "version": root.split("/")[-1], "kind": resource.kind}
        patch = {
            "parameters": [{"name": name, "in": "query"} for name in PARAMETERS],
            "responses": {"200": {"description": "OK"}},
            "x-kubernetes-group-version-kind": group,
        }
        paths[f"{root}{space}/{resource.plural}/{{name}}"] = {"patch": patch}
    information = {"title": "Kubernetes", "version": "v1.32.4"}
    return web.json_response({"openapi": "3.0.0", "info": information, "paths": paths})
