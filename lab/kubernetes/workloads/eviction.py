"""Eviction of pods, and the PodDisruptionBudgets that it obeys (policy/v1).

https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ and
https://kubernetes.io/docs/tasks/run-application/configure-pdb/; the rules and words are those of
pkg/registry/core/pod/storage/eviction.go in kubernetes/kubernetes.
"""

import math
from typing import Any

from aiohttp import web

from lab.kubernetes.requests import is_dry_run
from lab.kubernetes.selectors import selects
from lab.kubernetes.state import Kubernetes
from lab.kubernetes.status import ApiError, bad_request
from lab.kubernetes.workloads.pods import Pods

BUDGETS = "poddisruptionbudgets"
CONTROLLER = "kube-controller-manager"
SEVERAL = (
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
    " support."
)
VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget."
NO_SCALE = "jobs.batch does not implement the scale subresource"

Document = dict[str, Any]


class Eviction:
    """What a drain does to each pod, and the controller that counts what a budget allows."""

    def __init__(self, kubernetes: Kubernetes, pods: Pods) -> None:
        self.kubernetes = kubernetes
        self.pods = pods
        kubernetes.observers.append(self._observe)

    async def handle(self, request: web.Request) -> web.Response:
        """Delete a pod, unless a budget is in the way."""
        namespace, name = request.match_info["namespace"], request.match_info["name"]
        body = request["body"] or {}
        if body.get("metadata", {}).get("name", name) != name:
            raise bad_request("name in URL does not match name in Eviction object")
        pod = self.kubernetes.get("pods", namespace, name)
        self._recount(namespace)
        if not _is_over(pod):
            self._check(pod)
        options = body.get("deleteOptions") or {}
        if not is_dry_run(request) and options.get("dryRun") != ["All"]:
            grace = options.get("gracePeriodSeconds")
            self.pods.delete(namespace, name, None if grace is None else int(grace))
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
        return web.json_response({**status, "code": 201}, status=201)

    def _check(self, pod: Document) -> None:
        labels = pod["metadata"].get("labels") or {}
        budgets = [
            one
            for one in self.kubernetes.select(BUDGETS, pod["metadata"]["namespace"], "")
            if selects(one["spec"].get("selector"), labels)
        ]
        if len(budgets) > 1:
            raise ApiError(500, "InternalError", SEVERAL)
        for budget in budgets:
            counted, name = budget["status"], budget["metadata"]["name"]
            policy = budget["spec"].get("unhealthyPodEvictionPolicy", "IfHealthyBudget")
            enough = 0 < counted["desiredHealthy"] <= counted["currentHealthy"]
            if not _is_ready(pod) and (policy == "AlwaysAllow" or enough):
                continue
            if counted["disruptionsAllowed"] == 0:
                raise _violation(name, counted)

    def _observe(self, plural: str, document: Document) -> None:
        if plural in ("pods", BUDGETS):
            self._recount(document["metadata"]["namespace"])

    def _recount(self, namespace: str) -> None:
        for budget in list(self.kubernetes.select(BUDGETS, namespace, "")):
            new = {"metadata": {}, "status": self._count(budget)}
            self.kubernetes.replace(
                BUDGETS,
                namespace,
                budget["metadata"]["name"],
                new,
                manager=CONTROLLER,
                subresource="status",
            )

    def _count(self, budget: Document) -> Document:
        spec, metadata = budget["spec"], budget["metadata"]
        pods = [
            pod
            for pod in self.kubernetes.select("pods", metadata["namespace"], "")
            if selects(spec.get("selector"), pod["metadata"].get("labels") or {})
        ]
        staying = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        healthy = sum(_is_ready(pod) for pod in staying)
        desired = _desired(spec, len(staying))
        allowed = max(0, healthy - desired) if staying else 0
        reason, message = ("SufficientPods", "") if allowed else ("InsufficientPods", "")
        # What is not a number of pods wants the scale of each controller, and a Job has none.
        if not isinstance(spec.get("minAvailable"), int) and any(map(_is_of_job, pods)):
            desired = healthy = allowed = 0
            reason, message = "SyncFailed", NO_SCALE
        condition = {"type": "DisruptionAllowed", "status": str(allowed > 0), "reason": reason}
        return {
            "observedGeneration": metadata["generation"],
            "expectedPods": len(staying),
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "disruptionsAllowed": allowed,
            "conditions": [{**condition, "message": message}],
        }


def _desired(spec: Document, expected: int) -> int:
    if spec.get("maxUnavailable") is not None:
        return max(0, expected - _number(spec["maxUnavailable"], expected))
    return _number(spec.get("minAvailable", 1), expected)


def _number(value: int | str, expected: int) -> int:
    """Return an "IntOrString": a percentage is rounded up."""
    if isinstance(value, int):
        return value
    return math.ceil(int(value.removesuffix("%")) * expected / 100)


def _is_over(pod: Document) -> bool:
    is_deleted = "deletionTimestamp" in pod["metadata"]
    return is_deleted or pod["status"]["phase"] in ("Pending", "Succeeded", "Failed")


def _is_ready(pod: Document) -> bool:
    conditions = pod.get("status", {}).get("conditions") or []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _is_of_job(pod: Document) -> bool:
    owners = pod["metadata"].get("ownerReferences") or []
    return any(owner["kind"] == "Job" for owner in owners)


def _violation(name: str, counted: Document) -> ApiError:
    [condition] = counted["conditions"]
    if condition["reason"] == "SyncFailed":
        text = (
            f"The disruption budget {name} does not allow evicting pods currently because it failed"
            f" sync: {condition['message']}"
        )
    else:
        text = (
            f"The disruption budget {name} needs {counted['desiredHealthy']} healthy pods and has"
            f" {counted['currentHealthy']} currently"
        )
    causes = [{"reason": "DisruptionBudget", "message": text}]
    return ApiError(429, "TooManyRequests", VIOLATION, {"causes": causes})
