"""Bindings of roles: who has a ClusterRole, where and through what, and what a binding keeps.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding
"""

from collections.abc import Iterable, Mapping, Sequence
from shlex import quote
from typing import Any, NamedTuple

from ops.kubernetes.rules import GROUP

MOST = 5  # that one message names

Binding = Mapping[str, Any]


class Holder(NamedTuple):
    """Somebody who has a role.

    + subject: in words
    + user: the name as whom a user or service account is authenticated; empty for a group
    + binding: name of what gives it
    + namespace: of the RoleBinding, where alone it holds; empty for a ClusterRoleBinding
    """

    subject: str
    user: str
    binding: str
    namespace: str

    @property
    def scope(self) -> str:
        """In words, where the role holds and through what."""
        if self.namespace:
            return f"in {self.namespace} (RoleBinding {self.binding})"
        return f"in all namespaces (ClusterRoleBinding {self.binding})"

    @property
    def edit(self) -> str:
        """The command with which one takes the subject out."""
        if self.namespace:
            return f"kubectl edit rolebinding {quote(self.binding)} -n {self.namespace}"
        return f"kubectl edit clusterrolebinding {quote(self.binding)}"


def role_binding(role: str, namespace: str, account: str) -> dict[str, Any]:
    """Return the document of a RoleBinding: a ClusterRole for a service account in one namespace.

    + role: name of the ClusterRole, and of the binding
    + namespace: where the account gets the rights
    + account: in full, such as "system:serviceaccount:gitlab-runner:default"
    """
    _, _, home, name = account.split(":")
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": role, "namespace": namespace},
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": home}],
    }


def holders(role: str, bindings: Iterable[Binding]) -> list[Holder]:
    """Return who has a ClusterRole.

    + role: its name
    + bindings: ClusterRoleBindings, which are in no namespace, and RoleBindings
    """
    return [
        _holder(subject, binding["metadata"])
        for binding in bindings
        if (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("ClusterRole", role)
        for subject in binding.get("subjects") or []
    ]


def refusal(others: Sequence[Holder], what: str, named_by: str) -> str:
    """Return in words who else would gain something through a role, and what helps.

    + others: have the role as well
    + what: they would gain
    + named_by: the setting that names the role
    """
    who = _first([f"{other.subject} {other.scope}" for other in others])
    commands = _first(list(dict.fromkeys(other.edit for other in others)))
    subjects = "that subject" if len(others) == 1 else "those subjects"
    return (
        f"what is added ({what}) would also be given to {who}, so nothing is changed: take"
        f" {subjects} out ({commands}), or name another role in {named_by}"
    )


def kept_reference(live: Binding | None, document: Binding) -> str:
    """Return in words that a binding is one of another role, which cannot change; or nothing.

    + live: the binding as it was read
    + document: what it is to be
    """
    if live is None or "roleRef" not in document:
        return ""
    old, new = ((one["roleRef"]["kind"], one["roleRef"]["name"]) for one in (live, document))
    if old == new:
        return ""
    metadata = document["metadata"]
    where = f" -n {metadata['namespace']}" if metadata.get("namespace") else ""
    command = f"kubectl delete {document['kind'].lower()} {quote(metadata['name'])}{where}"
    return (
        f"it refers to {old[0]} {old[1]}, not to {new[0]} {new[1]}, and the API lets nobody change"
        f" that: {command} (its subjects lose what it gives them), then run again"
    )


def _holder(subject: Mapping[str, Any], metadata: Mapping[str, Any]) -> Holder:
    kind, name, namespace = subject["kind"], subject["name"], metadata.get("namespace") or ""
    user = name if kind == "User" else ""
    if kind == "ServiceAccount":
        # One of a RoleBinding is by default an account of its namespace.
        home = subject.get("namespace") or namespace
        user, name = f"system:serviceaccount:{home}:{name}", f"{home}/{name}"
    return Holder(f"{kind} {name}", user, metadata["name"], namespace)


def _first(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return f"{', '.join(texts[:MOST])}{more}"
