"""The clock of the practice site."""

import asyncio
import math
import time

import pytest
from lab_process import Lab
from pipeline_site import LIVE, PROJECT, pending, set_all_tags, someone

from lab.server.clock import Clock


def test_what_is_due_happens_in_its_order() -> None:
    async def happened() -> list[str]:
        clock, seen = Clock(), []
        for seconds, name in ((30.0, "third"), (10.0, "first"), (20.0, "second"), (99.0, "later")):
            clock.later(seconds, lambda name=name: seen.append(name))
        clock.advance(40)
        await clock.sleep(0.01)
        return seen

    assert asyncio.run(happened()) == ["first", "second", "third"]


def test_a_fast_clock_shortens_what_is_waited_for_already() -> None:
    async def waited() -> float:
        clock = Clock()
        sleeping = asyncio.ensure_future(clock.sleep(3600))
        await asyncio.sleep(0)
        began = time.monotonic()
        clock.speed = 1e6
        await sleeping
        return time.monotonic() - began

    assert asyncio.run(waited()) < 3600


def test_its_own_seconds_are_shown_whatever_its_speed() -> None:
    clock = Clock(speed=2)
    clock.advance(100)
    clock.speed = 4
    clock.reset()
    assert clock.speed == 2
    assert 100 <= clock.now() < 100 + 4 * 3600


@pytest.mark.parametrize("speed", [0, -1, math.nan])
def test_it_does_not_stand_still(speed: float) -> None:
    with pytest.raises(ValueError, match="a clock cannot go at"):
        Clock().speed = speed


def test_an_advance_ends_jobs_and_cancellations(lab: Lab) -> None:
    set_all_tags(lab, job_seconds=3600, cancel_seconds=3600)
    lab.wait(lambda: "running" in str(lab.jobs(LIVE)))
    running = [n for n, job in lab.jobs(LIVE).items() if job["status"] == "running"]
    lab.fault(action="advance", seconds=3600)
    lab.wait(lambda: {lab.jobs(LIVE)[name]["status"] for name in running} == {"success"})
    someone(lab, "POST", f"{PROJECT}/pipelines/{LIVE}/cancel")
    assert lab.pipelines()[LIVE]["status"] == "canceling"
    lab.fault(action="advance", seconds=3600)
    lab.wait(lambda: lab.pipelines()[LIVE]["status"] == "canceled")
    assert pending(lab) == set()


def test_a_reset_lets_it_go_at_its_usual_speed(lab: Lab) -> None:
    lab.fault(action="set", speed=1000, loss_delay=10)
    lab.fault(action="set_tags", runner=6, tags=["kubernetes"])
    lab.wait(lambda: lab.tags()[6] == set())
    lab.reset()
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=6, tags=["kubernetes"])
    assert lab.tags()[6] == {"kubernetes"}
