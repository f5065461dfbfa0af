"""The verbs of the Kubernetes API: what they take from a request and what they answer.

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from typing import Any

from aiohttp import web

from lab.kubernetes.access.rbac import Access
from lab.kubernetes.apply.patches import json_patch, merge, strategic
from lab.kubernetes.fields import applied, patched, written
from lab.kubernetes.lists import Pages, limit_of
from lab.kubernetes.requests import (
    as_asked,
    attributes,
    document_of,
    is_dry_run,
    key,
    manager_of,
    parse_yaml,
    read_fields,
    root_of,
    subresource,
)
from lab.kubernetes.resources import RESOURCES, Resource
from lab.kubernetes.state import Kubernetes
from lab.kubernetes.status import ApiError, bad_request, conflict, invalid, not_found
from lab.kubernetes.workloads.pods import Pods

APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
OPTIONS = Resource("patchoptions", "meta.k8s.io", "v1", "PatchOptions")


class Verbs:
    """Handlers of the requests about objects; the store has the rules."""

    def __init__(self, kubernetes: Kubernetes, pods: Pods, access: Access) -> None:
        self.kubernetes = kubernetes
        self.pods = pods
        self.access = access
        self.pages = Pages()

    async def list(self, request: web.Request) -> web.Response:
        """Answer with the objects of a resource, in pages where `limit` asks for that."""
        resource, query = RESOURCES[request.match_info["plural"]], request.query
        found = self.kubernetes.select(
            resource.plural,
            request.match_info.get("namespace"),
            query.get("labelSelector", ""),
            query.get("fieldSelector", ""),
        )
        is_whole = not query.get("labelSelector") and not query.get("fieldSelector")
        items, metadata = self.pages.page(
            (request.path, query.get("labelSelector", ""), query.get("fieldSelector", "")),
            list(found),
            limit_of(query.get("limit", "0")),
            query.get("continue", ""),
            self.kubernetes.version,
            is_whole,
        )
        items = [as_asked(request, item) for item in items]
        if not resource.custom:  # Items of a list of a built-in kind do not repeat their kind.
            items = [
                {k: v for k, v in item.items() if k not in ("kind", "apiVersion")} for item in items
            ]
        document = {
            "kind": f"{resource.kind}List",
            "metadata": metadata,
            "items": items,
        }
        return web.json_response(as_asked(request, document))

    async def get(self, request: web.Request) -> web.Response:
        """Answer with an object."""
        return web.json_response(as_asked(request, self.kubernetes.get(*key(request))))

    async def create(self, request: web.Request) -> web.Response:
        """Store a new object."""
        plural, namespace, _ = key(request)
        document = read_fields(request, written, document_of(request, request["body"]))
        document = self.kubernetes.create(
            plural, namespace, document, is_dry_run(request), manager_of(request)
        )
        return web.json_response(as_asked(request, document), status=201)

    async def replace(self, request: web.Request) -> web.Response:
        """Store an object, or the status of one, in the place of what is there."""
        resource, name = RESOURCES[request.match_info["plural"]], request.match_info["name"]
        is_there = key(request) in self.kubernetes.objects
        if not is_there and not resource.made_by_put:
            raise not_found(resource, name)
        document = read_fields(request, written, document_of(request, request["body"]))
        if not is_there:
            return self._made_by_put(request, document)
        if resource.is_guarded and (document["metadata"].get("resourceVersion") or "0") == "0":
            text = "Invalid value: 0: must be specified for an update"
            cause = ("metadata.resourceVersion", "FieldValueInvalid", text)
            # The real one has the resource here, where else the kind is.
            raise invalid(resource._replace(kind=resource.plural), name, cause)
        return self._write(request, document, is_patch=False)

    async def patch(self, request: web.Request) -> web.Response:
        """Change an object, or apply one on the server's side."""
        resource = RESOURCES[request.match_info["plural"]]
        content_type, patch = request.content_type, request["body"]
        if content_type == APPLY:
            return self._apply(request)
        if "force" in request.query:
            cause = (
                "force",
                "FieldValueForbidden",
                "Forbidden: may not be specified for non-apply patch",
            )
            raise invalid(OPTIONS, "", cause)
        live = as_asked(request, self.kubernetes.get(*key(request)))
        if isinstance(patch, str) and content_type in (JSON_PATCH, MERGE_PATCH, STRATEGIC):
            raise bad_request("invalid JSON patch")
        if content_type == JSON_PATCH:
            wanted = json_patch(live, patch)
        elif content_type == MERGE_PATCH and isinstance(patch, dict):
            # A guard is only what the patch itself says; without one the last writer wins.
            wanted = merge(live, patch)
        elif content_type == STRATEGIC and isinstance(patch, dict) and not resource.custom:
            wanted = strategic(live, patch, resource)
        elif content_type in (MERGE_PATCH, STRATEGIC) and not isinstance(patch, dict):
            raise bad_request("error decoding patch: it is not a JSON object")
        else:
            raise _unsupported(resource, content_type)
        document = read_fields(request, patched, document_of(request, wanted))
        return self._write(request, document, is_patch=True)

    async def delete(self, request: web.Request) -> web.Response:
        """Remove an object; a pod terminates first."""
        plural, namespace, name = key(request)
        resource, document = RESOURCES[plural], self.kubernetes.get(plural, namespace, name)
        # A body is all that counts where there is one.
        options = request["body"] or dict(request.query)
        _check_preconditions(resource, document, options.get("preconditions") or {})
        if not is_dry_run(request):
            if plural == "pods":
                grace = options.get("gracePeriodSeconds")
                document = self.pods.delete(namespace, name, None if grace is None else int(grace))
            else:
                self.kubernetes.delete(plural, namespace, name)
        if plural == "pods":
            return web.json_response(document)
        details = {"name": name, "kind": plural, "uid": document["metadata"]["uid"]}
        details |= {"group": resource.group} if resource.group else {}
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
        return web.json_response({**status, "details": details})

    def _made_by_put(self, request: web.Request, document: dict[str, Any]) -> web.Response:
        """Make an object that a PUT names and that is not there: its version guards nothing."""
        plural, namespace, name = key(request)
        self.access.check(request["user"], attributes(request, "create"))
        if uid := document["metadata"].get("uid"):
            place = f"/registry/{plural}/{namespace}/{name}"
            text = f"Precondition failed: UID in precondition: {uid}, UID in object meta: "
            text = f"Key: {place}, ResourceVersion: 0, AdditionalErrorMsg: {text}"
            text = f"StorageError: invalid object, Code: 4, {text}"
            raise conflict(RESOURCES[plural], name, text)
        document["metadata"].pop("resourceVersion", None)
        made = self.kubernetes.create(
            plural, namespace, document, is_dry_run(request), manager_of(request)
        )
        return web.json_response(as_asked(request, made), status=201)

    def _write(
        self, request: web.Request, document: dict[str, Any], is_patch: bool
    ) -> web.Response:
        document = self.kubernetes.replace(
            *key(request),
            document,
            is_dry_run(request),
            manager_of(request),
            subresource(request),
            is_patch,
        )
        return web.json_response(as_asked(request, document))

    def _apply(self, request: web.Request) -> web.Response:
        manager = request.query.get("fieldManager")
        if not manager:
            text = "Required value: is required for apply patch"
            raise invalid(OPTIONS, "", ("fieldManager", "FieldValueRequired", text))
        if subresource(request):
            raise ApiError(501, "NotImplemented", "the lab does not simulate an apply of a status")
        given = _of_its_type(request, parse_yaml(request["body"]))
        document = document_of(request, given)
        if document["metadata"].get("managedFields"):
            raise bad_request("metadata.managedFields must be nil")
        document = applied(RESOURCES[request.match_info["plural"]], document)
        if key(request) not in self.kubernetes.objects:
            self.access.check(request["user"], attributes(request, "create"))
        document, is_new = self.kubernetes.apply(
            *key(request),
            document,
            manager,
            request.query.get("force") == "true",
            is_dry_run(request),
        )
        return web.json_response(as_asked(request, document), status=201 if is_new else 200)


def _of_its_type(request: web.Request, document: Any) -> Any:
    """Return an object that is applied, which has to say its kind, with the name of the path."""
    if not isinstance(document, dict):
        return document
    group, _, version = str(document.get("apiVersion") or "").rpartition("/")
    resource = RESOURCES[request.match_info["plural"]]
    wanted = (resource.kind, root_of(request.path).removeprefix("/apis/").removeprefix("/api/"))
    if (document.get("kind"), document.get("apiVersion")) != wanted:
        kind = document.get("kind") or ""
        raise bad_request(f"invalid object type: {group}/{version}, Kind={kind}")
    metadata = {"name": request.match_info["name"]} | (document.get("metadata") or {})
    return {**document, "metadata": metadata}


def _unsupported(resource: Resource, content_type: str) -> ApiError:
    if content_type not in (JSON_PATCH, MERGE_PATCH, STRATEGIC, APPLY):
        return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    types = [JSON_PATCH, MERGE_PATCH, APPLY]
    text = (
        "the body of the request was in an unknown format - accepted media types include:"
        f" {', '.join(types)}"
    )
    return ApiError(415, "UnsupportedMediaType", text)


def _check_preconditions(
    resource: Resource, document: dict[str, Any], wanted: dict[str, str]
) -> None:
    metadata = document["metadata"]
    for field, word, end in (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    ):
        if field in wanted and wanted[field] != metadata[field]:
            raise conflict(
                # The real one has the kind here, where else the resource is.
                resource._replace(plural=resource.kind),
                metadata["name"],
                f"the {word} in the precondition ({wanted[field]}) does not match the {word} in"
                f" record ({metadata[field]}). The object might have been {end}",
            )
