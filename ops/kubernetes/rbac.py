"""Rights in a Kubernetes cluster: roles, their bindings, and the proof that they are there.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report
from ops.api.operation import operation, read
from ops.http.watch import READ_ERRORS, ask
from ops.kubernetes.facts import AccessReview, NamespaceExists

GROUP = "rbac.authorization.k8s.io"
Rules = Sequence[Mapping[str, Sequence[str]]]
# RBAC: allowed by ClusterRoleBinding "a" of ClusterRole "b" to Group "c"
_BINDING = re.compile(r'ClusterRoleBinding "([^"]+)" of \w+ "[^"]+" to (\w+) "([^"]+)"')


def cluster_role(name: str, rules: Rules) -> dict[str, Any]:
    """Return the document of a ClusterRole with these rules."""
    document = {"apiVersion": f"{GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": name}}
    return {**document, "rules": [{key: list(value) for key, value in r.items()} for r in rules]}


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


def may_apply(cluster: Host, resource: str, namespace: str = "") -> None:
    """Raise OperationError where the user of the kubeconfig may not apply a kind of object.

    + cluster: the host that is the API
    + resource: such as "clusterroles"
    + namespace: where; empty for what is in no namespace
    """
    for verb in ("create", "patch"):
        wanted = {"verb": verb, "group": GROUP, "resource": resource, "namespace": namespace}
        if not read(cluster, AccessReview, resource=wanted)["allowed"]:
            where = f" in {namespace}" if namespace else ""
            raise OperationError(
                f"{cluster.name}: the kubeconfig's user may not {verb} {resource}{where}: use one"
                " that may"
            )


def lacking(
    cluster: Host, account: str, rules: Rules, namespaces: Sequence[str]
) -> dict[str, list[str]]:
    """Return what a service account may not do, by namespace; one where it may do all is left out.

    + cluster: the host that is the API
    + account: in full, such as "system:serviceaccount:gitlab-runner:default"
    + rules: as in a ClusterRole
    + namespaces: where it must be allowed

    The API's own authorization decides, so a right counts through whatever binding it comes. A
    deploy asks before its operations, and binds the role only where something is lacking. Raises
    OperationError where a namespace does not exist, or something cannot be read.
    """
    missing = [name for name in namespaces if not read(cluster, NamespaceExists, namespace=name)]
    if missing:
        raise OperationError(
            f"{cluster.name}: there is no namespace {', '.join(missing)}, so nobody needs rights"
            " there: correct the list, or make it"
        )
    found: dict[str, list[str]] = {}
    for one in attributes(rules, namespaces):
        if not read(cluster, AccessReview, resource=one, user=account)["allowed"]:
            found.setdefault(one["namespace"], []).append(_action(one))
    return found


@operation
def access_review(
    account: str, rules: Rules, namespaces: Sequence[str]
) -> Iterator[PyinfraCommand]:
    """
    See that a service account may do what some rules say. Nothing is changed.

    + account: in full, such as "system:serviceaccount:gitlab-runner:default"
    + rules: as in a ClusterRole
    + namespaces: where it must be allowed

    The API's own authorization decides (SubjectAccessReview), when the operation is executed: after
    the roles were applied. It is also asked about all namespaces at once: what the account may do
    everywhere is printed with the binding that lets it, and is no failure.

    **Example:**

    ```python
    rbac.access_review(
        name="See that the jobs may execute in the pods",
        account="system:serviceaccount:gitlab-runner:default",
        rules=[{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}],
        namespaces=["databases"],
    )
    ```
    """
    _report_everywhere(account, rules, namespaces)
    wanted = list(attributes(rules, namespaces))
    answers = [read(host, AccessReview, resource=a, user=account)["allowed"] for a in wanted]
    if all(answers):
        host.noop(f"{account} may do all of it")
        return
    denied = [one for one, answer in zip(wanted, answers, strict=True) if not answer]
    changes = [f"{show(*ones)}: denied -> allowed" for ones in _by(denied, "namespace")]
    text = f"see that {account} may do it"
    yield Action(text, _see, account, wanted, changes=changes, is_check=True)


def _by(accesses: Iterable[Mapping[str, str]], *names: str) -> list[list[Mapping[str, str]]]:
    found: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for one in accesses:
        found.setdefault(tuple(one[name] for name in names), []).append(one)
    return list(found.values())


def _report_everywhere(account: str, rules: Rules, namespaces: Sequence[str]) -> None:
    found: dict[tuple[str, ...], list[str]] = {}
    for one in attributes(rules, [""]):
        answer = read(host, AccessReview, resource=one, user=account)
        if answer["allowed"]:
            binding = _BINDING.search(answer["reason"])
            found.setdefault(binding.groups() if binding else (), []).append(_action(one))
    for origin, actions in found.items():
        text = f"{account} may {', '.join(actions)} in all namespaces"
        report(host, [f"{text}, {_origin(origin, namespaces)}"])


def _origin(binding: tuple[str, ...], namespaces: Sequence[str]) -> str:
    """Return through what a right in all namespaces comes, and how it becomes a narrower one."""
    if not binding:
        return "through something that the API does not name: remove that by hand"
    name, kind, subject = binding
    group = f", which is for the group {subject}" if kind == "Group" else ""
    return (
        f"through ClusterRoleBinding {name}{group}. To have that in {', '.join(namespaces)} alone,"
        f" take it out there (kubectl edit clusterrolebinding {name}) and run this job again"
    )


def _see(state: State, host: Host, account: str, wanted: Sequence[Mapping[str, str]]) -> bool:
    seen = []
    for one in wanted:
        try:
            answer = ask(host, AccessReview, resource=dict(one), user=account)
        except READ_ERRORS as error:
            answer = {"allowed": False, "reason": f"could not be asked: {error}"}
        word = "allowed" if answer["allowed"] else "DENIED"
        seen.append({**one, "answer": f"{word} {answer['reason']}".rstrip()})
    for ones in _by(seen, "namespace", "answer"):
        report(host, [f"{show(*ones)}: {ones[0]['answer']}"])
    return all(one["answer"].startswith("allowed") for one in seen)


def attributes(rules: Rules, namespaces: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield what some rules allow, one access at a time, as an access review wants it.

    + rules: as in a ClusterRole
    + namespaces: where; an empty name stands for all of them at once
    """
    for namespace in namespaces:
        for rule in rules:
            for group, resource, verb, name in itertools.product(
                rule["apiGroups"],
                rule["resources"],
                rule["verbs"],
                rule.get("resourceNames") or [""],
            ):
                plural, _, subresource = resource.partition("/")
                found = {"namespace": namespace, "verb": verb, "resource": plural}
                more = {"subresource": subresource, "name": name}
                yield (
                    found | {key: value for key, value in more.items() if value} | {"group": group}
                )


def show(*accesses: Mapping[str, str]) -> str:
    """Return accesses in one namespace in words: `get pods, create pods/exec in databases`."""
    return f"{', '.join(map(_action, accesses))} in {accesses[0]['namespace']}"


def _action(attributes: Mapping[str, str]) -> str:
    what = "/".join(filter(None, (attributes["resource"], attributes.get("subresource"))))
    kind = ".".join(filter(None, (what, attributes["group"])))
    return " ".join(filter(None, (attributes["verb"], kind, attributes.get("name"))))
