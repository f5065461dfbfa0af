"""PodDisruptionBudgets: which ones select a pod, and which one is ours.

https://kubernetes.io/docs/tasks/run-application/configure-pdb/
"""

from collections.abc import Mapping, Sequence
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


def is_ours(budget: Budget) -> bool:
    """Return whether a budget has our label."""
    labels = budget["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in MANAGED_BY.items())


def named(budgets: Sequence[Budget], name: str) -> Budget | None:
    """Return the budget with a name, or None."""
    return next((one for one in budgets if one["metadata"]["name"] == name), None)


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
