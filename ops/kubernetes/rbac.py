"""Rights in a Kubernetes cluster: roles, their bindings, and the proof that they are there.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

import re
from collections.abc import Iterator, Mapping, Sequence
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
from ops.kubernetes.facts import AccessReview

GROUP = "rbac.authorization.k8s.io"
Rules = Sequence[Mapping[str, Sequence[str]]]
_BINDING = re.compile(r'ClusterRoleBinding "([^"]+)"')


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
    _report_everywhere(account, rules)
    wanted = list(attributes(rules, namespaces))
    answers = [read(host, AccessReview, resource=a, user=account)["allowed"] for a in wanted]
    if all(answers):
        host.noop(f"{account} may do all of it")
        return
    denied = [show(a) for a, answer in zip(wanted, answers, strict=True) if not answer]
    changes = [f"{text}: denied -> allowed" for text in denied]
    text = f"see that {account} may do it"
    yield Action(text, _see, account, wanted, changes=changes, is_check=True)


def _report_everywhere(account: str, rules: Rules) -> None:
    found: dict[str, list[str]] = {}
    for one in attributes(rules, [""]):
        answer = read(host, AccessReview, resource=one, user=account)
        if answer["allowed"]:
            binding = _BINDING.search(answer["reason"])
            found.setdefault(binding[1] if binding else "", []).append(_action(one))
    for name, actions in found.items():
        through = f"ClusterRoleBinding {name}" if name else "something that the API does not name"
        how = f" (kubectl edit clusterrolebinding {name})" if name else ""
        text = f"{account} may {', '.join(actions)} in all namespaces, through {through}"
        report(host, [f"{text}: remove that by hand{how}"])


def _see(state: State, host: Host, account: str, wanted: Sequence[Mapping[str, str]]) -> bool:
    good = True
    for one in wanted:
        try:
            answer = ask(host, AccessReview, resource=dict(one), user=account)
        except READ_ERRORS as error:
            answer = {"allowed": False, "reason": f"could not be asked: {error}"}
        word = "allowed" if answer["allowed"] else "DENIED"
        report(host, [f"{show(one)}: {word} {answer['reason']}".rstrip()])
        good = good and answer["allowed"]
    return good


def attributes(rules: Rules, namespaces: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield what some rules allow, one access at a time, as an access review wants it.

    + rules: as in a ClusterRole
    + namespaces: where; an empty name stands for all of them at once
    """
    for namespace in namespaces:
        for rule in rules:
            for resource in rule["resources"]:
                plural, _, subresource = resource.partition("/")
                for verb in rule["verbs"]:
                    found = {"namespace": namespace, "verb": verb, "resource": plural}
                    if subresource:
                        found["subresource"] = subresource
                    yield found | {"group": rule["apiGroups"][0]}


def show(attributes: Mapping[str, str]) -> str:
    """Return an access in words, such as `create pods/exec in databases`."""
    return f"{_action(attributes)} in {attributes['namespace']}"


def _action(attributes: Mapping[str, str]) -> str:
    what = "/".join(filter(None, (attributes["resource"], attributes.get("subresource"))))
    return f"{attributes['verb']} {what}"
