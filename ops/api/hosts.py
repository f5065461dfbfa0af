"""Hosts of the inventory."""

from pyinfra import context
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory


def only(inventory: Inventory, group: str) -> Host:
    """Return the only host of a group, also where `--limit` leaves it out."""
    host: Host = inventory.get_group(group)[0]
    return host


def left_out(inventory: Inventory, *groups: str) -> list[str]:
    """Return the names of the hosts of some groups that `--limit` leaves out."""
    hosts = [host for group in groups for host in inventory.get_group(group)]
    return [host.name for host in hosts if not context.state.is_host_in_limit(host)]
