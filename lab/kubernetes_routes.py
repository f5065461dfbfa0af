"""The HTTP of the Kubernetes API server: discovery, verbs, patches, dry runs, exec."""

import hmac
from typing import Any

import yaml
from aiohttp import web

from lab.exec import Exec
from lab.faults import Faults
from lab.http import Api, Handler
from lab.kubernetes import RESOURCES, ApiError, Kubernetes, json_patch, merge
from lab.pods import Pods
from lab.request_log import RequestLog

VERBS = ["create", "delete", "get", "list", "patch", "update"]
MERGE_TYPES = (
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)


class KubernetesApi(Api):
    """Answer as the API server of a cluster does."""

    def __init__(
        self, kubernetes: Kubernetes, pods: Pods, token: str, log: RequestLog, faults: Faults
    ) -> None:
        super().__init__("kubernetes", log, faults)
        self.kubernetes = kubernetes
        self.pods = pods
        self.token = token
        self.exec = Exec(kubernetes, pods, faults)
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/version", self._guard(self._version)),
            ("GET", "/api", self._guard(self._api_versions)),
            ("GET", "/apis", self._guard(self._groups)),
        ]
        exec_path = "/api/v1/namespaces/{namespace}/pods/{name}/exec"
        routes += [(verb, exec_path, self._guard(self.exec.handle)) for verb in ("GET", "POST")]
        for root in sorted({_root(plural) for plural in RESOURCES}):
            routes.append(("GET", root, self._guard(self._resources)))
            for path in ("/{plural}", "/namespaces/{namespace}/{plural}"):
                routes.append(("GET", root + path, self._guard(self._list)))
                routes.append(("POST", root + path, self._guard(self._create)))
            for path in ("/{plural}/{name}", "/namespaces/{namespace}/{plural}/{name}"):
                routes.append(("GET", root + path, self._guard(self._get)))
                routes.append(("PUT", root + path, self._guard(self._replace)))
                routes.append(("PATCH", root + path, self._guard(self._patch)))
                routes.append(("DELETE", root + path, self._guard(self._delete)))
        self.add_routes(routes)

    def is_mutating(self, request: web.Request, body: Any) -> bool:
        """A dry run changes nothing, and an exec is judged by what it runs."""
        if request.query.get("dryRun") == "All" or request.path.endswith("/exec"):
            return False
        return super().is_mutating(request, body)

    def _guard(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                if not hmac.compare_digest(token.encode(), self.token.encode()):
                    raise ApiError(401, "Unauthorized", "Unauthorized")
                if request.match_info.get("plural", "pods") not in RESOURCES:
                    raise ApiError(404, "NotFound", "the server could not find the resource")
                return await handler(request)
            except ApiError as error:
                return web.json_response(error.status, status=error.code)

        return guarded

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response({"major": "1", "minor": "32", "gitVersion": "v1.32.4"})

    async def _api_versions(self, request: web.Request) -> web.Response:
        return web.json_response({"kind": "APIVersions", "versions": ["v1"]})

    async def _groups(self, request: web.Request) -> web.Response:
        groups = []
        for group, version in sorted({(r[0], r[1]) for r in RESOURCES.values() if r[0]}):
            entry = {"groupVersion": f"{group}/{version}", "version": version}
            groups.append({"name": group, "versions": [entry], "preferredVersion": entry})
        return web.json_response({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})

    async def _resources(self, request: web.Request) -> web.Response:
        resources = [
            {
                "name": plural,
                "singularName": kind.lower(),
                "namespaced": namespaced,
                "kind": kind,
                "verbs": VERBS,
                "shortNames": short,
            }
            for plural, (_, _, kind, namespaced, short) in RESOURCES.items()
            if _root(plural) == request.path
        ]
        group = request.path.removeprefix("/apis/").removeprefix("/api/")
        return web.json_response(
            {"kind": "APIResourceList", "groupVersion": group, "resources": resources}
        )

    async def _list(self, request: web.Request) -> web.Response:
        plural = request.match_info["plural"]
        group, version, kind, _, _ = RESOURCES[plural]
        found = self.kubernetes.select(
            plural,
            request.match_info.get("namespace"),
            request.query.get("labelSelector", ""),
            request.query.get("fieldSelector", ""),
        )
        return web.json_response(
            {
                "kind": f"{kind}List",
                "apiVersion": f"{group}/{version}" if group else version,
                "metadata": {},
                "items": list(found),
            }
        )

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self.kubernetes.get(*_key(request)))

    async def _create(self, request: web.Request) -> web.Response:
        plural, namespace, _ = _key(request)
        document = self.kubernetes.create(plural, namespace, request["body"], _dry(request))
        return web.json_response(document, status=201)

    async def _replace(self, request: web.Request) -> web.Response:
        document = self.kubernetes.replace(*_key(request), request["body"], _dry(request))
        return web.json_response(document)

    async def _patch(self, request: web.Request) -> web.Response:
        live = self.kubernetes.get(*_key(request))
        patch = request["body"]
        if request.content_type == "application/json-patch+json":
            wanted = json_patch(live, patch)
        elif request.content_type in MERGE_TYPES:
            # A guard is only what the patch itself says; without one the last writer wins.
            wanted = merge(live, yaml.safe_load(patch) if isinstance(patch, str) else patch)
        else:
            raise ApiError(415, "UnsupportedMediaType", f"{request.content_type} is not supported")
        return web.json_response(self.kubernetes.replace(*_key(request), wanted, _dry(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        plural, namespace, name = _key(request)
        if _dry(request):
            return web.json_response(self.kubernetes.get(plural, namespace, name))
        if plural == "pods":
            return web.json_response(self.pods.replace(namespace, name))
        return web.json_response(self.kubernetes.delete(plural, namespace, name))


def _root(plural: str) -> str:
    group, version, *_ = RESOURCES[plural]
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def _key(request: web.Request) -> tuple[str, str, str]:
    info = request.match_info
    return info["plural"], info.get("namespace", ""), info.get("name", "")


def _dry(request: web.Request) -> bool:
    return request.query.get("dryRun") == "All"
