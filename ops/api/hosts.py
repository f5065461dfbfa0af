"""Hosts of the inventory. A group may be missing there: not every site has everything."""

from pyinfra import context
from pyinfra.api.exceptions import InventoryError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory


def only(inventory: Inventory, group: str) -> Host:
    """Return the only host of a group, also where `--limit` leaves it out.

    Raises InventoryError in words where the inventory has no such group.
    """
    host = perhaps(inventory, group)
    if host is None:
        raise InventoryError(f"no host is in a group {group}, which this needs: see docs/adopt.md")
    return host


def perhaps(inventory: Inventory, group: str) -> Host | None:
    """Return the only host of a group, or None where the inventory has no such group."""
    hosts: list[Host] = inventory.get_group(group, [])
    return hosts[0] if hosts else None


def has(inventory: Inventory, *groups: str) -> bool:
    """Return whether the inventory has a host in each of some groups."""
    return all(inventory.get_group(group, []) for group in groups)


def left_out(inventory: Inventory, *groups: str) -> list[str]:
    """Return the names of the hosts of some groups that `--limit` leaves out."""
    hosts = [host for group in groups for host in inventory.get_group(group, [])]
    return [host.name for host in hosts if not context.state.is_host_in_limit(host)]
