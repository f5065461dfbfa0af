"""SubjectAccessReview and SelfSubjectAccessReview: questions to the authorizer, stored nowhere.

https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/
"""

from typing import Any

from lab.kubernetes.access.rbac import Access, Attributes, User
from lab.kubernetes.served import AUTHORIZATION
from lab.kubernetes.status import ApiError, bad_request

GROUP = AUTHORIZATION
ROOT = f"/apis/{GROUP}/v1"
KINDS = {
    "selfsubjectaccessreviews": "SelfSubjectAccessReview",
    "subjectaccessreviews": "SubjectAccessReview",
}


def review(access: Access, kind: str, user: User, document: Any) -> dict[str, Any]:
    """Return the review with its status.

    + kind: one of KINDS; a SelfSubjectAccessReview is about the user who asks
    """
    if not isinstance(document, dict) or document.get("kind", kind) != kind:
        raise bad_request(f"the object provided is not a {kind}")
    spec = document.get("spec") or {}
    if kind == "SubjectAccessReview":
        if not spec.get("user") and not spec.get("groups"):
            text = "Required value: at least one of user or group must be specified"
            raise _invalid(kind, f"[spec.user: {text}]")
        user = User(spec.get("user", ""), tuple(spec.get("groups") or ()))
    allowed, reason = access.review(user, _attributes(kind, spec))
    status = {"allowed": allowed, **({"reason": reason} if reason else {})}
    metadata = document.get("metadata") or {}
    return {
        "kind": kind,
        "apiVersion": f"{GROUP}/v1",
        "metadata": {"creationTimestamp": None, **metadata},
        "spec": spec,
        "status": status,
    }


def _attributes(kind: str, spec: dict[str, Any]) -> Attributes:
    asked, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if (asked is None) == (path is None):
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        value = "spec.resourceAttributes: Invalid value: null: "
        raise _invalid(kind, value + text)
    if path is not None:
        return Attributes(path.get("verb", ""), path=path.get("path", ""))
    asked = asked or {}
    names = ("group", "resource", "subresource", "namespace", "name")
    return Attributes(asked.get("verb", ""), **{name: asked.get(name) or "" for name in names})


def _invalid(kind: str, text: str) -> ApiError:
    return ApiError(422, "Invalid", f'{kind}.{GROUP} "" is invalid: {text}')
