"""Operations that keep a pod from eviction for as long as something runs in it.

The host is the API itself (`@kubernetes`). A drain, and whatever else evicts, obeys a
PodDisruptionBudget; `kubectl delete pod` and a node that dies do not.
"""

from collections.abc import Iterator

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report
from ops.api.once import once
from ops.api.operation import operation, read
from ops.http.request import Request, get
from ops.kubernetes import budgets
from ops.kubernetes.facts import AccessReview, Budgets, Pods
from ops.kubernetes.pods import choose

VERBS = ("list", "create", "delete")


@operation
def protection(budget: str, namespace: str, selector: str) -> Iterator[PyinfraCommand]:
    """
    Let no pod with some labels be evicted, until `removal` or the end of the run.

    + budget: name of the PodDisruptionBudget, which is ours alone
    + namespace: of the pods
    + selector: their labels, such as "app=example"

    It is removed when pyinfra disconnects: after an error, Ctrl-C, SIGTERM or SIGHUP. A killed
    process (SIGKILL) leaves it; the next run takes it over, or makes it anew where it has another
    limit or other labels. Budgets of others that select the pod
    are named and left alone. Raises OperationError where one of somebody else has the name.

    **Example:**

    ```python
    disruption_budgets.protection(
        name="Keep the pod from eviction",
        budget="site-operations-example",
        namespace="example",
        selector="app=example",
    )
    ```
    """
    found = read(host, Budgets, namespace=namespace)
    live = budgets.named(found, budget)
    if live is not None and not budgets.is_ours(live):
        raise OperationError(f"{host.name}: {foreign(budget)}")
    _name_others(found, budget, namespace, selector)
    path = f"{budgets.collection(namespace)}/{budget}"
    yield Action("remove it when the run ends, however it ends", _at_the_end, _deletion(path))
    new = budgets.document(budget, selector)
    if live is not None and not budgets.protects_as(live, new):
        changes = [f"PodDisruptionBudget {budget}: {budgets.limits(live['spec'])} -> none"]
        yield _deletion(path, str(live["metadata"]["uid"]), changes)
        live = None
    if live is None:
        changes = [f"PodDisruptionBudget {budget}: none -> maxUnavailable 0 for {selector}"]
        lookup = get(path, missing_ok=True)
        collection = budgets.collection(namespace)
        yield Request("POST", collection, new, changes=changes, lookup=lookup)


@operation
def removal(budget: str, namespace: str, expected: bool = False) -> Iterator[PyinfraCommand]:
    """
    Let the pods be evicted again: remove the budget of `protection`, also that of a killed run.

    + budget: name of the PodDisruptionBudget
    + namespace: of the pods
    + expected: whether an operation of this run makes it, so that a preview shows its removal

    **Example:**

    ```python
    disruption_budgets.removal(
        name="Let the pod be evicted again",
        budget="site-operations-example",
        namespace="example",
    )
    ```
    """
    live = budgets.named(read(host, Budgets, namespace=namespace), budget)
    is_foreign = live is not None and not budgets.is_ours(live)
    if is_foreign or (live is None and not expected):
        host.noop("there is none of ours")
        return
    path = f"{budgets.collection(namespace)}/{budget}"
    uid = str(live["metadata"]["uid"]) if live is not None else ""
    changes = [f"PodDisruptionBudget {budget}: maxUnavailable 0 -> none"]
    yield _deletion(path, uid, changes)
    yield Action("forget its removal at the end", _at_the_end, None, quiet=True)


def is_left(cluster: Host, budget: str, namespace: str) -> bool:
    """Return whether a budget of ours is there.

    + cluster: the host that is the API
    + budget, namespace: as in `protection`
    """
    live = budgets.named(read(cluster, Budgets, namespace=namespace), budget)
    return live is not None and budgets.is_ours(live)


def obstacle(cluster: Host, budget: str, namespace: str) -> str:
    """Return why a budget of ours cannot be made and removed, or an empty text.

    + cluster: the host that is the API
    + budget, namespace: as in `protection`
    """
    wanted = {"group": "policy", "resource": "poddisruptionbudgets", "namespace": namespace}
    missing = [
        verb
        for verb in VERBS
        if not read(cluster, AccessReview, resource={"verb": verb, **wanted})["allowed"]
    ]
    if missing:
        verbs = ", ".join(missing)
        return f"the kubeconfig's user may not {verbs} poddisruptionbudgets in {namespace}"
    live = budgets.named(read(cluster, Budgets, namespace=namespace), budget)
    return foreign(budget) if live is not None and not budgets.is_ours(live) else ""


def foreign(budget: str) -> str:
    """Return what is said of a budget of somebody else that has the name of ours."""
    return f"the PodDisruptionBudget {budget} is not ours, for it lacks our label: it is left alone"


def _name_others(found: list[budgets.Budget], budget: str, namespace: str, selector: str) -> None:
    pod = choose(read(host, Pods, namespace=namespace, selector=selector)).pod
    labels = (pod["metadata"].get("labels") or {}) if pod else {}
    others = budgets.of_others(found, budget, labels)
    if others:
        text = (
            f"left alone: PodDisruptionBudget {', '.join(others)}. While ours is there as well, the"
            " API answers an eviction of the pod with 500, which refuses it just so"
        )
        once(text, lambda: report(host, [text]))


def _deletion(path: str, uid: str = "", changes: list[str] | None = None) -> Request:
    body = {"preconditions": {"uid": uid}} if uid else None
    return Request("DELETE", path, body, changes=changes or [], missing_ok=True)


def _at_the_end(state: State, host: Host, request: Request | None) -> bool:
    host.connector.put_back = request  # type: ignore[attr-defined]
    return True
