"""The rights of the experiment's jobs: what is written for them, and all that could refuse it."""

from collections.abc import Collection
from typing import Any

from pyinfra import context
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from ops.api.console import report
from ops.api.hosts import only
from ops.api.operation import read
from ops.kubernetes import bindings, rbac, server_side
from ops.kubernetes.facts import Object, ServerVersion
from ops.kubernetes.rules import actions, added, for_web_sockets
from ops.site.settings import ExperimentRole

NAMED_BY = "experiment_role_name (EXPERIMENT_ROLE_NAME)"


def rules(inventory: Inventory) -> list[dict[str, list[str]]]:
    """Return what the jobs must be allowed to do on this cluster, of whatever version it is."""
    version = read(only(inventory, "cluster"), ServerVersion)
    return for_web_sockets(ExperimentRole.of(inventory).experiment_rules, version)


def role(inventory: Inventory) -> dict[str, Any]:
    """Return the document of the ClusterRole."""
    name = ExperimentRole.of(inventory).experiment_role_name
    return rbac.cluster_role(name, rules(inventory))


def binding(data: ExperimentRole, namespace: str) -> dict[str, Any]:
    """Return the document of the RoleBinding in a namespace."""
    return bindings.role_binding(
        data.experiment_role_name, namespace, data.experiment_service_account
    )


def owner(data: ExperimentRole) -> dict[str, Any]:
    """Return as whom both are applied, and whose fields may be taken over."""
    return {"manager": data.field_manager, "taken_over": data.field_managers_taken_over}


def lacking(inventory: Inventory) -> dict[str, list[str]]:
    """Return what the jobs may not do, by namespace, and see that what gives it can be written.

    A deploy asks once and before its operations: the role changes what the next answers would be,
    and nothing is to be written where a later write is sure to be refused. Raises OperationError
    in words where something is in the way.
    """
    data, cluster = ExperimentRole.of(inventory), only(inventory, "cluster")
    found = rbac.lacking(
        cluster, data.experiment_service_account, rules(inventory), data.database_namespaces
    )
    if found:
        _check_whole(inventory, data, cluster, found)
        _check_role(inventory, data, cluster)
        _check_bindings(inventory, data, cluster, found)
    return found


def _check_whole(
    inventory: Inventory, data: ExperimentRole, cluster: Host, namespaces: Collection[str]
) -> None:
    """See that this run has all that must be written: a part would widen rights and give none."""
    live = read(only(inventory, "experiment_role"), Object) or {}
    left = []
    if added(rules(inventory), live.get("rules") or []) and not _acting(
        inventory, "experiment_role"
    ):
        left.append(f"ClusterRole {data.experiment_role_name}, which lacks rules")
    bound = {host.data.namespace for host in _acting(inventory, "experiment_role_bindings")}
    left += [f"the binding in {name}" for name in namespaces if name not in bound]
    if left:
        raise OperationError(
            f"{cluster.name}: this run leaves out {', '.join(left)}, so the rights would not be"
            " there, and nothing is written. Run it without --limit; the namespaces come from"
            " DATABASE_NAMESPACES and group_data/experiment_role.py, not from --data"
        )


def _check_role(inventory: Inventory, data: ExperimentRole, cluster: Host) -> None:
    for host in _acting(inventory, "experiment_role"):
        rbac.may_apply(cluster, "clusterroles")
        rbac.check_own_rules(host, NAMED_BY)
        rbac.gains(host, role(inventory), data.experiment_service_account, NAMED_BY)
        server_side.application(host, role(inventory), **owner(data))


def _check_bindings(
    inventory: Inventory, data: ExperimentRole, cluster: Host, namespaces: Collection[str]
) -> None:
    hosts = [
        host
        for host in _acting(inventory, "experiment_role_bindings")
        if host.data.namespace in namespaces
    ]
    for host in hosts:
        rbac.may_apply(cluster, "rolebindings", host.data.namespace)
    live = read(only(inventory, "experiment_role"), Object)
    more = added((live or {}).get("rules") or [], rules(inventory))
    if hosts and more:
        text = f"the role has further rules, which the jobs get where it is bound: {actions(more)}"
        report(cluster, [text])
    reasons = []
    for host in hosts:
        document = binding(data, host.data.namespace)
        try:
            # The API looks for the rules, unless one may bind whatever role there is.
            if live is not None:
                server_side.application(host, document, **owner(data))
            else:
                server_side.changeable(host, document)
        except OperationError as error:
            reasons.append(str(error))
    if reasons:
        raise OperationError("; ".join(reasons))


def _acting(inventory: Inventory, group: str) -> list[Host]:
    return [host for host in inventory.get_group(group, []) if context.state.is_host_in_limit(host)]
