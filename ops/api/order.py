"""The order of operations: the one in which the deploy names them, also across hosts."""

import functools
import heapq
from graphlib import TopologicalSorter

from pyinfra.api.state import State


def keep_order(state: State) -> None:
    """Make a run execute its operations in the order of the deploy's lines.

    pyinfra 3.10 keeps that order for each host, but runs the first operations of all hosts, then
    the second ones: a runner's first operation would come before the toolbox's second, whatever
    the deploy says. A repair with steps on different hosts needs the order in which it is read.
    """
    if "get_op_order" not in vars(state):
        state.get_op_order = functools.partial(deploy_order, state)  # type: ignore[method-assign]


def deploy_order(state: State) -> list[str]:
    """Return the hashes of all operations by the lines of the deploy.

    Where a loop makes a host's own order differ from that of the lines, the host's order holds.
    Raises graphlib.CycleError where hosts contradict each other.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for host in state.inventory:
        for before, after in zip([None, *host.op_hash_order], host.op_hash_order, strict=False):
            sorter.add(after, *([before] if before else []))
    sorter.prepare()
    order: list[str] = []
    ready: list[tuple[tuple[int, ...], str]] = []
    while sorter.is_active():
        for op_hash in sorter.get_ready():
            heapq.heappush(ready, (state.op_meta[op_hash].op_order, op_hash))
        _, op_hash = heapq.heappop(ready)
        sorter.done(op_hash)
        order.append(op_hash)
    return order
