"""Rights in a Kubernetes cluster: roles, their bindings, and the proof that they are there.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from shlex import quote
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

from ops.api.action import Action
from ops.api.console import report
from ops.api.once import once
from ops.api.operation import operation, read
from ops.kubernetes import bindings, objects
from ops.kubernetes.access_reviews import by, see
from ops.kubernetes.facts import AccessReview, Bindings, NamespaceExists, Object
from ops.kubernetes.rules import GROUP, Rules, action, actions, added, attributes, show

# RBAC: allowed by ClusterRoleBinding "a" of ClusterRole "b" to Group "c"
_BINDING = re.compile(r'ClusterRoleBinding "([^"]+)" of \w+ "[^"]+" to (\w+) "([^"]+)"')


def cluster_role(name: str, rules: Rules) -> dict[str, Any]:
    """Return the document of a ClusterRole with these rules."""
    document = {"apiVersion": f"{GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": name}}
    return {**document, "rules": [{key: list(value) for key, value in r.items()} for r in rules]}


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
            found.setdefault(one["namespace"], []).append(action(one))
    return found


def check_own_rules(role: Host, named_by: str) -> None:
    """Raise OperationError where the API makes the rules of a ClusterRole out of other ones.

    + role: the host that is the ClusterRole
    + named_by: the setting that names the role

    https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
    """
    if (read(role, Object) or {}).get("aggregationRule"):
        raise OperationError(
            f"{role.name}: the API makes its rules out of other roles (aggregationRule), and takes"
            f" away what is written there: name another role in {named_by}"
        )


def gains(role: Host, document: Mapping[str, Any], account: str, named_by: str) -> list[str]:
    """Return in words who would gain what, and where, by the rules that a ClusterRole lacks.

    + role: the host that is the ClusterRole
    + document: of it, with the rules that it is to have
    + account: the only one who may gain rights, in full
    + named_by: the setting that names the role

    Raises OperationError where somebody else would. Where the user of the kubeconfig may not list
    bindings, that is a line.
    """
    live = read(role, Object) or {}
    new = added(document["rules"], live.get("rules") or [])
    if not new:
        return []
    found, unseen = [], []
    for resource in ("clusterrolebindings", "rolebindings"):
        access = {"verb": "list", "group": GROUP, "resource": resource}
        if read(role, AccessReview, resource=access)["allowed"]:
            found += read(role, Bindings, resource=resource)
        else:
            unseen.append(resource)
    what, name = actions(new), document["metadata"]["name"]
    holders = bindings.holders(name, found)
    others = [holder for holder in holders if holder.user != account]
    if others:
        raise OperationError(f"{role.name}: {bindings.refusal(others, what, named_by)}")
    lines = [f"gained by {one.subject} {one.scope}: {what}" for one in holders]
    if unseen:
        plurals = " and ".join(unseen)
        lines.append(
            f"who else gains {what} is unknown: the kubeconfig's user may not list {plurals} of all"
            f" namespaces. Ask somebody who may: kubectl get {','.join(unseen)} -A -o wide | grep"
            f" ClusterRole/{name}"
        )
    return lines


@operation
def role(
    document: Mapping[str, Any],
    account: str,
    named_by: str,
    manager: str,
    taken_over: Collection[str] = (),
) -> Iterator[PyinfraCommand]:
    """
    Have a ClusterRole with some rules, unless somebody else would gain rights by that.

    + document: of the ClusterRole (`cluster_role`)
    + account: the only one who may gain rights, in full
    + named_by: the setting that names the role, for the message
    + manager, taken_over: as of `objects.server_side_apply`

    What is added to a role holds for whom it is bound to, and where it is bound. The preview says
    who that is, also where a role that is missing is bound already. Raises OperationError as
    `gains` and `objects.server_side_apply` do.

    **Example:**

    ```python
    rbac.role(
        name="Have the role",
        document=rbac.cluster_role("example", rules),
        account="system:serviceaccount:gitlab-runner:default",
        named_by="example_role_name",
        manager="site-operations",
    )
    ```
    """
    live = read(host, Object)
    if live is not None and not added(document["rules"], live.get("rules") or []):
        host.noop("the role allows all of it")
        return
    lines = gains(host, document, account, named_by)
    for request in objects.apply_requests(document, manager, taken_over):
        request.changes += lines
        yield request


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
    changes = [f"{show(*ones)}: denied -> allowed" for ones in by(denied, "namespace")]
    text = f"see that {account} may do it"
    yield Action(text, see, account, wanted, changes=changes, is_check=True)


def _report_everywhere(account: str, rules: Rules, namespaces: Sequence[str]) -> None:
    found: dict[tuple[str, ...], list[str]] = {}
    for one in attributes(rules, [""]):
        answer = read(host, AccessReview, resource=one, user=account)
        if answer["allowed"]:
            binding = _BINDING.search(answer["reason"])
            found.setdefault(binding.groups() if binding else (), []).append(action(one))
    for origin, ones in found.items():
        text = f"{account} may {', '.join(ones)} in all namespaces"
        _say(f"{text}, {_origin(origin, namespaces)}")


def _say(text: str) -> None:
    once(text, lambda: report(host, [text]))


def _origin(binding: tuple[str, ...], namespaces: Sequence[str]) -> str:
    """Return through what a right in all namespaces comes, and how it becomes a narrower one."""
    if not binding:
        return "through something that the API does not name: remove that by hand"
    name, kind, subject = binding
    group = f", which is for the group {subject}" if kind == "Group" else ""
    return (
        f"through ClusterRoleBinding {name}{group}. To have that in {', '.join(namespaces)} alone,"
        f" take it out there (kubectl edit clusterrolebinding {quote(name)}) and run this job again"
    )
