"""What decides about PodDisruptionBudgets without a host: whose they are, and what they select.

https://kubernetes.io/docs/tasks/run-application/configure-pdb/
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MANAGED_BY = {"app.kubernetes.io/managed-by": "site-operations"}

Budget = Mapping[str, Any]


def collection(namespace: str) -> str:
    """Return the API path of a namespace's budgets."""
    return f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"


def document(name: str, selector: str) -> dict[str, Any]:
    """Return a budget of ours that lets no pod with some labels be evicted.

    + selector: labels as a `@pod` has them, such as "app=toolbox"

    `minAvailable: 1` would let the one pod go as soon as another one has its labels.
    """
    labels = dict(part.split("=", 1) for part in selector.split(","))
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "labels": MANAGED_BY},
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": labels}},
    }


@dataclass(frozen=True)
class Owned:
    """Who has the name of our budget.

    + ours: the budget of ours that is there, or None
    + foreign: what is said where somebody else's has the name; empty where none has
    """

    ours: Budget | None = None
    foreign: str = ""


def owned(budgets: Sequence[Budget], name: str) -> Owned:
    """Return who has the name of our budget: it is ours if it has our label.

    + budgets: those of the namespace
    """
    live = next((one for one in budgets if one["metadata"]["name"] == name), None)
    if live is None:
        return Owned()
    labels = live["metadata"].get("labels") or {}
    if all(labels.get(key) == value for key, value in MANAGED_BY.items()):
        return Owned(ours=live)
    text = f"the PodDisruptionBudget {name} is not ours, for it lacks our label: it is left alone"
    return Owned(foreign=text)


def of_others(budgets: Sequence[Budget], name: str, labels: Mapping[str, str]) -> list[str]:
    """Return the budgets of others that select a pod as well, in words.

    + name: of our own
    + labels: of the pod
    """
    return [
        f"{one['metadata']['name']} ({limits(one['spec'])})"
        for one in budgets
        if one["metadata"]["name"] != name and _selects(one["spec"].get("selector"), labels)
    ]


def protects_as(live: Budget, wanted: Budget) -> bool:
    """Return whether a budget has the limit and the labels of another one."""
    names = ("maxUnavailable", "minAvailable", "selector")
    return all(live["spec"].get(name) == wanted["spec"].get(name) for name in names)


def limits(spec: Mapping[str, Any]) -> str:
    """Return the limit of a budget in words."""
    limits = (f"{key} {spec[key]}" for key in ("minAvailable", "maxUnavailable") if key in spec)
    return ", ".join(limits) or "minAvailable 1"


def _selects(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Return whether a label selector takes these labels: an empty one does, none does not."""
    if selector is None:
        return False
    wanted = (selector.get("matchLabels") or {}).items()
    terms = selector.get("matchExpressions") or []
    return all(labels.get(key) == value for key, value in wanted) and all(
        _holds(term, labels.get(term["key"])) for term in terms
    )


def _holds(term: Mapping[str, Any], value: str | None) -> bool:
    values = term.get("values") or []
    return bool(
        {
            "In": value in values,
            "NotIn": value not in values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }[term["operator"]]
    )
