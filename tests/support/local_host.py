"""This machine as a host of pyinfra, for what the product asks a shell without a deploy."""

from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State


def local_host() -> Host:
    state = State(Inventory((["@local"], {})), Config())
    connect_all(state)
    host: Host = state.inventory.get_host("@local")
    return host
