"""Who may do what, by the roles and bindings in the store (RBAC).

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.kubernetes.resources import RBAC
from lab.kubernetes.state import Kubernetes
from lab.kubernetes.status import ApiError
from lab.server.faults import Faults

MASTERS = "system:masters"
SERVICE_ACCOUNT = "system:serviceaccount"


@dataclass(frozen=True)
class User:
    """Who asks."""

    name: str
    groups: tuple[str, ...] = ()


ADMIN = User("admin", (MASTERS, "system:authenticated"))
ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))


@dataclass(frozen=True)
class Attributes:
    """What is asked for: a verb on a resource, or on a path where `path` is given."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def combined(self) -> str:
        """Resource and subresource, as in a rule."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


class Access:
    """The authorizer; the administrator may do everything that no fault denies."""

    def __init__(self, kubernetes: Kubernetes, faults: Faults) -> None:
        self.kubernetes = kubernetes
        self.faults = faults

    def check(self, user: User, attributes: Attributes) -> None:
        """Raise ApiError 403 where a user may not do this."""
        allowed, reason = self.review(user, attributes)
        if not allowed:
            raise _forbidden(user, attributes, reason)

    def review(self, user: User, attributes: Attributes) -> tuple[bool, str]:
        """Return whether a user may do this, and by which binding, or which role is not there."""
        if self.faults.denies(attributes.verb, attributes.combined):
            return False, ""
        if MASTERS in user.groups:
            return True, ""
        missing = []
        for reason, role, namespace in self._grants(user, attributes.namespace):
            rules = self._rules(role, namespace)
            if rules is None:
                missing.append(f'{role["kind"].lower()}.{RBAC} "{role["name"]}" not found')
            elif any(_covers(rule, attributes) for rule in rules):
                return True, f"RBAC: allowed by {reason}"
        return False, f"rbac: RBAC: {_aggregated(missing)}" if missing else ""

    def _grants(self, user: User, namespace: str) -> Iterator[tuple[str, dict[str, str], str]]:
        """Yield what binds the user: in words, the role, and where that is."""
        bindings = [("ClusterRoleBinding", b) for b in self._all("clusterrolebindings", None)]
        if namespace:
            bindings += [("RoleBinding", b) for b in self._all("rolebindings", namespace)]
        for kind, binding in bindings:
            name, role = binding["metadata"]["name"], binding["roleRef"]
            home = namespace if kind == "RoleBinding" else ""
            texts = (_describe(one, user, home) for one in binding.get("subjects") or [])
            text = next(filter(None, texts), "")
            if text:
                where = f"{name}/{home}" if home else name
                reason = f'{kind} "{where}" of {role["kind"]} "{role["name"]}" to {text}'
                yield reason, role, namespace

    def _rules(self, role: dict[str, str], namespace: str) -> list[Any] | None:
        is_cluster_role = role["kind"] == "ClusterRole"
        plural = "clusterroles" if is_cluster_role else "roles"
        key = (plural, "" if is_cluster_role else namespace, role["name"])
        found = self.kubernetes.objects.get(key)
        return None if found is None else found.get("rules") or []

    def _all(self, plural: str, namespace: str | None) -> Iterator[dict[str, Any]]:
        return self.kubernetes.select(plural, namespace, "")


def service_account_groups(user: str) -> tuple[str, ...]:
    """Return the groups that a user has by its name: those of a service account."""
    parts = user.split(":")
    if len(parts) != 4 or not user.startswith(f"{SERVICE_ACCOUNT}:"):
        return ("system:authenticated",)
    return (f"{SERVICE_ACCOUNT}s", f"{SERVICE_ACCOUNT}s:{parts[2]}", "system:authenticated")


def _aggregated(errors: list[str]) -> str:
    """Return errors as one: each once, in brackets where there are several."""
    texts = list(dict.fromkeys(errors))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _describe(subject: dict[str, str], user: User, home: str) -> str:
    """Return a subject in words if it is the user; empty otherwise."""
    kind, name = subject["kind"], subject["name"]
    if kind == "ServiceAccount":
        # A service account of a RoleBinding is by default one of its namespace.
        namespace = subject.get("namespace", "")
        is_it = user.name == f"{SERVICE_ACCOUNT}:{namespace or home}:{name}"
        return f'ServiceAccount "{name}/{namespace}"' if is_it else ""
    is_it = name in user.groups if kind == "Group" else name == user.name
    return f'{kind} "{name}"' if is_it else ""


def _covers(rule: dict[str, list[str]], asked: Attributes) -> bool:
    def has(field: str, *values: str) -> bool:
        return any(value in (rule.get(field) or []) for value in values)

    if not has("verbs", asked.verb, "*"):
        return False
    if asked.path:
        urls = rule.get("nonResourceURLs") or []
        return any(
            url in ("*", asked.path) or (url[-1:] == "*" and asked.path.startswith(url[:-1]))
            for url in urls
        )
    names = rule.get("resourceNames") or []
    resources = [asked.combined, "*", *([f"*/{asked.subresource}"] if asked.subresource else [])]
    return (
        has("apiGroups", asked.group, "*")
        and has("resources", *resources)
        and (not names or asked.name in names)
    )


def _forbidden(user: User, asked: Attributes, reason: str) -> ApiError:
    resource = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    name = f' "{asked.name}"' if asked.name else ""
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    text = (
        f'{resource}{name} is forbidden: User "{user.name}" cannot {asked.verb} resource'
        f' "{asked.combined}" in API group "{asked.group}" {where}'
        + (f": {reason}" if reason else "")
    )
    details = {"name": asked.name, "group": asked.group, "kind": asked.resource}
    return ApiError(403, "Forbidden", text, {k: v for k, v in details.items() if v})
