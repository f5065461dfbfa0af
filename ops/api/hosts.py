"""Hosts of the inventory."""

from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory


def only(inventory: Inventory, group: str) -> Host:
    """Return the only host of a group, also where `--limit` leaves it out."""
    host: Host = inventory.get_group(group)[0]
    return host
