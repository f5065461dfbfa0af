"""Refusals of the Kubernetes API server, in its words."""

from typing import Any

from lab.kubernetes.resources import Resource


class ApiError(Exception):
    """A refusal of the API server, with what its Status object says."""

    def __init__(
        self, code: int, reason: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            **({"reason": reason} if reason else {}),
            **({} if details is None else {"details": details}),
            "code": code,
        }


def bad_request(message: str) -> ApiError:
    """Return the refusal of a request that makes no sense."""
    return ApiError(400, "BadRequest", message)


def not_found(resource: Resource, name: str) -> ApiError:
    """Return the refusal of a request about an object that is not there."""
    details = _details(resource, name, resource.plural)
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', details)


def already_exists(resource: Resource, name: str) -> ApiError:
    """Return the refusal to create an object that exists."""
    details = _details(resource, name, resource.plural)
    text = f'{resource.qualified} "{name}" already exists'
    return ApiError(409, "AlreadyExists", text, details)


def conflict(resource: Resource, name: str, why: str) -> ApiError:
    """Return the refusal of a write whose precondition does not hold."""
    details = _details(resource, name, resource.plural)
    text = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", text, details)


def invalid(resource: Resource, name: str, *causes: tuple[str, str, str]) -> ApiError:
    """Return the refusal of an object by validation.

    + causes: field, reason (such as `FieldValueInvalid`) and message of each
    """
    texts = [f"{field}: {message}" for field, _, message in causes]
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    what = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    details: dict[str, Any] = _details(resource, name, resource.kind)
    details["causes"] = [{"reason": r, "message": m, "field": f} for f, r, m in causes]
    return ApiError(422, "Invalid", f'{kind} "{name}" is invalid: {what}', details)


def invalid_patch(value: str, why: str) -> ApiError:
    """Return the refusal of what a patch makes; like the real one it repeats all of that.

    + value: what came of the patch
    """
    message = f'Invalid value: "{value}": {why}'
    cause = {"reason": "FieldValueInvalid", "message": message, "field": "patch"}
    return ApiError(422, "Invalid", f' "" is invalid: patch: {message}', {"causes": [cause]})


def _details(resource: Resource, name: str, kind: str) -> dict[str, Any]:
    found = {"name": name, "group": resource.group, "kind": kind}
    return {key: value for key, value in found.items() if value}
