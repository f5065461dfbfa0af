"""The PodDisruptionBudget that keeps the toolbox' pod while the migration runs in it."""

from pyinfra import context
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from ops.api.console import report
from ops.api.hosts import left_out, only, perhaps
from ops.api.once import once
from ops.api.operation import read
from ops.kubernetes import disruption_budgets
from ops.shell.facts import DetachedJob
from ops.site.tag_repair.migration import job_of
from ops.site.tag_repair.repairs import REPAIRS

BUDGET = "site-operations-migration"
WITHOUT = "the migration runs without a PodDisruptionBudget, so that a drain may end it half-way"


class Protection:
    """The budget as a part of a deploy; both of its operations are those of the cluster's host.

    + host: that runs the deploy
    + due: whether the migration is to run

    Where the budget cannot be made, that is said, and the migration runs without one.
    """

    def __init__(self, inventory: Inventory, host: Host, due: bool) -> None:
        toolbox, cluster = only(inventory, "toolbox"), perhaps(inventory, "cluster")
        self.toolbox = toolbox
        self.namespace = str(toolbox.data.get("pod_namespace") or "")
        self.selector = str(toolbox.data.get("pod_selector") or "")
        self.is_here = cluster is not None and host.name == cluster.name
        self.is_due = due
        self.is_possible = False
        if self.namespace and (due or self.is_here):
            reason = once("protection", lambda: self._obstacle(inventory, cluster))
            self.is_possible = not reason
            if due and reason:
                once(WITHOUT, lambda: report(toolbox, [f"{WITHOUT}: {reason}"]))

    def begin(self) -> None:
        """Have the budget, where the migration is due."""
        if self.is_here and self.is_possible and self.is_due:
            disruption_budgets.protection(
                name="Keep the pod from eviction",
                budget=BUDGET,
                namespace=self.namespace,
                selector=self.selector,
            )

    def end(self) -> None:
        """Remove it, also that of a run that was killed; not while the migration still runs."""
        if self.is_here and self.is_possible and not self._is_needed():
            disruption_budgets.removal(
                name="Let the pod be evicted again",
                budget=BUDGET,
                namespace=self.namespace,
                expected=self.is_due,
            )

    def _obstacle(self, inventory: Inventory, cluster: Host | None) -> str:
        if cluster is None:
            return "the inventory has no host in the group cluster"
        if left_out(inventory, "cluster"):
            return f"--limit leaves out {cluster.name}"
        selector = self.selector if self.is_due else ""
        return disruption_budgets.obstacle(cluster, BUDGET, self.namespace, selector)

    def _is_needed(self) -> bool:
        if self.is_due or not disruption_budgets.is_left(context.host, BUDGET, self.namespace):
            return False
        reason = once("needed", lambda: _still_running(self.toolbox))
        if reason:
            report(context.host, [f"PodDisruptionBudget {BUDGET} stays: {reason}"])
        return bool(reason)


def _still_running(toolbox: Host) -> str:
    for job in map(job_of, REPAIRS):
        try:
            state = read(toolbox, DetachedJob, job=job).state
        except OperationError as error:
            return f"whether job {job} runs is unknown ({error})"
        if state == "running":
            return f"job {job}, which another run has started, is still running"
    return ""
