"""ops/site/job.py: a job that waits for another host's part goes on, whenever that is done."""

import time
from collections.abc import Iterator

import gevent
import pytest
from limits import LIMIT
from pyinfra.api.config import Config
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State
from pyinfra.context import ctx_inventory, ctx_state

from ops.site import job

WAITING = [f"@ssh/fast-{number}" for number in range(30)]


@pytest.fixture
def state() -> Iterator[State]:
    inventory = Inventory(([*WAITING, "@ssh/slow"], {}), project=(["@ssh/slow"], {}))
    state = State(inventory, Config())
    for host in inventory:
        state.activate_host(host)
    with ctx_state.use(state), ctx_inventory.use(inventory):
        yield state


def test_all_go_on_when_the_other_host_is_through_as_their_time_is_over(state: State) -> None:
    slow = state.inventory.get_host("@ssh/slow")

    def reach() -> None:
        gevent.sleep(job.LOOK_AGAIN / 2)
        job._reached.add(job._key("sync_master", slow.name))
        job._wait_for("sync_master", "project")

    def be_busy() -> None:
        gevent.sleep(job.LOOK_AGAIN / 4)
        time.sleep(job.LOOK_AGAIN)  # Nothing else runs now, so the time of all is over at once.

    at_work = [gevent.spawn(job._wait_for, "sync_master", "project") for _ in WAITING]
    done = gevent.joinall([gevent.spawn(reach), gevent.spawn(be_busy), *at_work], timeout=LIMIT)
    assert len(done) == len(WAITING) + 2


def test_nobody_waits_for_a_host_that_has_failed(state: State) -> None:
    state.failed_hosts.add(state.inventory.get_host("@ssh/slow"))
    assert gevent.spawn(job._wait_for, "sync_master", "project").get(timeout=LIMIT) is None
