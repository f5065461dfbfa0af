"""The HTTP of the Kubernetes API server: who asks, whether that is allowed, and the routes."""

import hmac
from typing import Any

from aiohttp import web

from lab.kubernetes.access.protobuf import CONTENT_TYPE, read_review
from lab.kubernetes.access.rbac import (
    ADMIN,
    ANONYMOUS,
    Access,
    Attributes,
    User,
    service_account_groups,
)
from lab.kubernetes.access.reviews import GROUP, KINDS, ROOT, review
from lab.kubernetes.discovery import page_not_found
from lab.kubernetes.discovery import routes as discovery_routes
from lab.kubernetes.requests import attributes, check_options, is_dry_run, root_of
from lab.kubernetes.resources import RESOURCES, Resource
from lab.kubernetes.served import POSSIBLE, possible_roots
from lab.kubernetes.state import Kubernetes
from lab.kubernetes.status import ApiError, bad_request
from lab.kubernetes.verbs import Verbs
from lab.kubernetes.workloads.eviction import Eviction
from lab.kubernetes.workloads.exec import Exec
from lab.kubernetes.workloads.pods import Pods
from lab.server.faults import Faults
from lab.server.http import Api, Handler
from lab.server.request_log import RequestLog

NAMESPACED = "/namespaces/{namespace}/{plural}"
EXEC = "/api/v1/namespaces/{namespace}/{plural:pods}/{name}/exec"
EVICTION = "/api/v1/namespaces/{namespace}/{plural:pods}/{name}/eviction"
NO_RESOURCE = "the server could not find the requested resource"
NO_PROTOBUF = (
    "the body of the request was in an unknown format - accepted media types include:"
    " application/json, application/yaml"
)
# The groups of the server itself that the lab knows.
BUILT_IN = tuple({f"/apis/{r.group}/" for r in RESOURCES.values() if not r.custom and r.group})
WEB_SOCKETS_CREATE = 35
WRONG_METHOD = "the server does not allow this method on the requested resource"


class KubernetesApi(Api):
    """Answer as the API server of a cluster does."""

    def __init__(
        self, kubernetes: Kubernetes, pods: Pods, token: str, log: RequestLog, faults: Faults
    ) -> None:
        super().__init__("kubernetes", log, faults)
        self.token = token
        self.served = kubernetes.served
        self.access = Access(kubernetes, faults)
        self.exec = Exec(kubernetes, pods, faults)
        verbs = Verbs(kubernetes, pods, self.access)
        table: list[tuple[str, str, Handler, str]] = [
            (method, path, handler, "")
            for method, path, handler in discovery_routes(kubernetes.served)
        ]
        table.append(("POST", f"{ROOT}/{{review}}", self._review, ""))
        table += [
            ("GET", EXEC, self.exec.handle, "get"),
            ("POST", EXEC, self.exec.handle, "create"),
            ("POST", EVICTION, Eviction(kubernetes, pods).handle, "create"),
        ]
        for root in possible_roots():
            for path in (f"{root}/{{plural}}", root + NAMESPACED):
                for below in ("", "/status"):
                    one = f"{path}/{{name}}{below}"
                    table.append(("GET", one, verbs.get, "get"))
                    table.append(("PUT", one, verbs.replace, "update"))
                    table.append(("PATCH", one, verbs.patch, "patch"))
                table.append(("DELETE", f"{path}/{{name}}", verbs.delete, "delete"))
            for path in (f"{root}/{{plural}}", root + NAMESPACED):
                table.append(("GET", path, verbs.list, "list"))
                table.append(("POST", path, verbs.create, "create"))
        self.add_routes([(m, path, self._guard(handler, verb)) for m, path, handler, verb in table])

    def is_mutating(self, request: web.Request, body: Any) -> bool:
        """A dry run or a question changes nothing, and an exec is judged by what it runs."""
        is_question = request.path.startswith(f"/apis/{GROUP}/")
        if is_dry_run(request) or is_question or request.path.endswith("/exec"):
            return False
        return super().is_mutating(request, body)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        """Answer as the real one where that has nothing, and 501 where only the lab has not."""
        group = root_of(request.path).split("/")[2:3]
        if request.path.startswith("/apis/") and _is_of_an_operator(group[0]):
            return page_not_found()
        if root_of(request.path) not in possible_roots() and _is_known(request.path):
            return web.json_response(ApiError(404, "NotFound", NO_RESOURCE, {}).status, status=404)
        return await super()._unknown(request)

    def _guard(self, handler: Handler, verb: str) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            request["warnings"] = _deprecations(request)
            try:
                request["user"] = self._authenticate(request)
                self._check_path(request, verb)
                if not self._is_served(request):
                    return _not_served(request)
                if verb and _is_watch(request):
                    return await self._unknown(request)
                if verb:
                    if request.content_type == CONTENT_TYPE:
                        raise ApiError(415, "UnsupportedMediaType", NO_PROTOBUF)
                    _find(request, verb)
                    self.access.check(request["user"], _asked(request, verb))
                    self._check_web_socket(request, verb)
                    check_options(request, verb)
                answer = await handler(request)
            except ApiError as error:
                answer = web.json_response(error.status, status=error.code)
            for text in request["warnings"] if not answer.prepared else ():
                quoted = text.replace('"', '\\"')
                answer.headers.add("Warning", f'299 - "{quoted}"')
            return answer

        return guarded

    def _is_served(self, request: web.Request) -> bool:
        root = root_of(request.path.removeprefix("/openapi/v3"))
        if root not in possible_roots():  # "/version", or what a route of its own answers
            return True
        resource = RESOURCES.get(request.match_info.get("plural", ""))
        is_there = "plural" not in request.match_info or (
            resource is not None and root_of(resource.root).split("/")[:3] == root.split("/")[:3]
        )
        return root in self.served.roots() and is_there

    def _authenticate(self, request: web.Request) -> User:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token:
            return ANONYMOUS
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            raise ApiError(401, "Unauthorized", "Unauthorized")
        name = request.headers.get("Impersonate-User")
        if not name:
            return ADMIN
        groups = request.headers.getall("Impersonate-Group", [])
        return User(name, (*groups, *service_account_groups(name)))

    def _check_path(self, request: web.Request, verb: str) -> None:
        """What is no resource, everybody may read who has said who he is; the version all."""
        is_question = request.path.startswith(f"{ROOT}/")
        if request["user"] == ANONYMOUS and not verb and request.path != "/version":
            if is_question:
                asked = Attributes("create", GROUP, request.match_info["review"])
                self.access.check(ANONYMOUS, asked)
            text = f'forbidden: User "{ANONYMOUS.name}" cannot get path "{request.path}"'
            raise ApiError(403, "Forbidden", text, {})

    def _check_web_socket(self, request: web.Request, verb: str) -> None:
        """Ask since 1.35 of who executes by GET that he may also create; the refusal names no verb.

        https://kubernetes.io/docs/reference/access-authn-authz/authorization/
        """
        is_exec = request.path.endswith("/exec") and verb == "get"
        if not is_exec or self.served.minor < WEB_SOCKETS_CREATE:
            return
        if not self.access.review(request["user"], _asked(request, "create"))[0]:
            name = request.match_info["name"]
            details = {"name": name, "kind": "pods"}
            raise ApiError(403, "Forbidden", f'pods "{name}" is forbidden: ', details)

    async def _review(self, request: web.Request) -> web.StreamResponse:
        kind = KINDS.get(request.match_info["review"])
        if kind is None:
            return await self._unknown(request)
        if kind == "SubjectAccessReview":  # About oneself everybody may ask.
            asked = Attributes("create", GROUP, request.match_info["review"])
            self.access.check(request["user"], asked)
        if request.content_type == CONTENT_TYPE:
            request["body"] = request["entry"]["body"] = _protobuf(await request.read())
        document = review(self.access, kind, request["user"], request["body"])
        return web.json_response(document, status=201)


def _protobuf(data: bytes) -> dict[str, Any]:
    try:
        return read_review(data)
    except ValueError as error:
        raise bad_request(f"the protobuf cannot be decoded: {error}") from None


def _not_served(request: web.Request) -> web.Response:
    """Groups of the server itself say so as a Status, all others as text."""
    if _is_of_an_operator(root_of(request.path).split("/")[2]) or not _is_known(request.path):
        return page_not_found()
    raise ApiError(404, "NotFound", NO_RESOURCE, {})


def _is_of_an_operator(group: str) -> bool:
    return "." in group and not group.endswith(".k8s.io")


def _is_known(path: str) -> bool:
    return path.startswith(("/api/", *BUILT_IN))


def _deprecations(request: web.Request) -> list[str]:
    """Return what is said of a version that is to be replaced by the one before it."""
    resource = RESOURCES.get(request.match_info.get("plural", ""))
    _, _, version = root_of(request.path).rpartition("/")
    if resource is None or version not in POSSIBLE.get(resource.group, ())[1:]:
        return []
    return [
        f"Version {version} of the {resource.kind} API is deprecated."
        f" Please use the {POSSIBLE[resource.group][0]} version instead."
    ]


def _is_watch(request: web.Request) -> bool:
    return request.method == "GET" and request.query.get("watch") in ("true", "1")


def _asked(request: web.Request, verb: str) -> Attributes:
    asked = attributes(request, verb)
    if not request.path.endswith("/exec"):
        return asked
    return Attributes(verb, "", "pods", "exec", asked.namespace, asked.name)


def _find(request: web.Request, verb: str) -> None:
    resource = RESOURCES[request.match_info["plural"]]
    is_in_namespace = "namespace" in request.match_info
    if request.path.endswith("/status") and not resource.has_status:
        raise ApiError(404, "NotFound", NO_RESOURCE, {})
    if is_in_namespace != resource.namespaced and not _is_of_all_namespaces(resource, verb):
        raise ApiError(404, "NotFound", NO_RESOURCE, {})
    if verb == "create" and not is_in_namespace and resource.namespaced:
        raise ApiError(405, "MethodNotAllowed", WRONG_METHOD, {})


def _is_of_all_namespaces(resource: Resource, verb: str) -> bool:
    return resource.namespaced and verb in ("list", "create")
