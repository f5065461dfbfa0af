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
from ops.api.reverse import Reverse
from ops.http.request import Request, get
from ops.http.watch import READ_ERRORS, ask
from ops.kubernetes import disruption_budget_rules as rules
from ops.kubernetes.facts import AccessReview, Budgets, NewBudget, Pods
from ops.kubernetes.pods import choose

VERBS = ("list", "create", "delete")
CONFLICT = 409
NOTHING_LEFT = Reverse()  # It goes with the run, or with the next one.


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
    owned = rules.owned(found, budget)
    if owned.foreign:
        raise OperationError(f"{host.name}: {owned.foreign}")
    live = owned.ours
    _name_others(found, budget, namespace, selector)
    path = f"{rules.collection(namespace)}/{budget}"
    # First, because the answer to what follows may be lost.
    yield Action(
        f"remove PodDisruptionBudget {budget} at the end of this run, should it still be there:"
        " also after an error, Ctrl-C or SIGTERM",
        _at_the_end,
        _deletion(path),
    )
    new = rules.document(budget, selector)
    if live is not None and not rules.protects_as(live, new):
        changes = [f"PodDisruptionBudget {budget}: {rules.limits(live['spec'])} -> none"]
        yield _deletion(path, str(live["metadata"]["uid"]), changes)
        live = None
    if live is None:
        changes = [f"PodDisruptionBudget {budget}: none -> maxUnavailable 0 for {selector}"]
        lookup = get(path, missing_ok=True)
        collection = rules.collection(namespace)
        request = Request("POST", collection, new, changes=changes, lookup=lookup)
        yield request.taken_back_by(NOTHING_LEFT)


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
    owned = rules.owned(read(host, Budgets, namespace=namespace), budget)
    live = owned.ours
    if owned.foreign or (live is None and not expected):
        host.noop("there is none of ours")
        return
    path = f"{rules.collection(namespace)}/{budget}"
    uid = str(live["metadata"]["uid"]) if live is not None else ""
    changes = [f"PodDisruptionBudget {budget}: maxUnavailable 0 -> none"]
    yield _deletion(path, uid, changes)
    done = f"not remove PodDisruptionBudget {budget} a second time at the end of this run"
    yield Action(done, _at_the_end, None, quiet=True)


def is_left(cluster: Host, budget: str, namespace: str) -> bool:
    """Return whether a budget of ours is there.

    + cluster: the host that is the API
    + budget, namespace: as in `protection`
    """
    return rules.owned(read(cluster, Budgets, namespace=namespace), budget).ours is not None


def obstacle(cluster: Host, budget: str, namespace: str, selector: str = "") -> str:
    """Return why a budget of ours cannot be made and removed, or an empty text.

    + cluster: the host that is the API
    + budget, namespace: as in `protection`
    + selector: as there, where it is to be made and not only to be removed

    The API is asked to make it and to store nothing: a quota, or an admission webhook, may refuse
    what somebody has the right to.
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
    owned = rules.owned(read(cluster, Budgets, namespace=namespace), budget)
    if owned.foreign or not selector:
        return owned.foreign
    return _refusal(cluster, rules.document(budget, selector), namespace, owned.ours)


def _refusal(cluster: Host, wanted: rules.Budget, namespace: str, live: rules.Budget | None) -> str:
    if live is not None and rules.protects_as(live, wanted):
        return ""
    try:
        ask(cluster, NewBudget, namespace=namespace, document=wanted)
    except READ_ERRORS as error:
        # Who is there already has passed admission before that.
        is_there = live is not None and getattr(error, "status", 0) == CONFLICT
        return "" if is_there else f"the API would not make it: {error}"
    return ""


def _name_others(found: list[rules.Budget], budget: str, namespace: str, selector: str) -> None:
    pod = choose(read(host, Pods, namespace=namespace, selector=selector)).pod
    labels = (pod["metadata"].get("labels") or {}) if pod else {}
    others = rules.of_others(found, budget, labels)
    if others:
        text = (
            f"left alone: PodDisruptionBudget {', '.join(others)}. While ours is there as well, the"
            " API answers an eviction of the pod with 500, which refuses it just so"
        )
        once(text, lambda: report(host, [text]))


def _deletion(path: str, uid: str = "", changes: list[str] | None = None) -> Request:
    body = {"preconditions": {"uid": uid}} if uid else None
    request = Request("DELETE", path, body, changes=changes or [], missing_ok=True)
    return request.taken_back_by(NOTHING_LEFT)


def _at_the_end(state: State, host: Host, request: Request | None) -> bool:
    host.connector.put_back = request  # type: ignore[attr-defined]
    return True
