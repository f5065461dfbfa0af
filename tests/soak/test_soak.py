"""Runs that are broken off at a random moment: the next one reaches what an undisturbed one does.

    make soak                        three rounds for each job; `make test` has one
    make soak ROUNDS=20 SEED=7       more of them, and others

A round draws a signal and the request after which it comes, out of those of an undisturbed run.
What is compared in the end is the state of the whole site.
"""

import os
import random
import signal
import time
from typing import Any

import pytest
from before_jobs import JOBS, prepare
from forked import Process
from lab_process import Lab, Pyinfra
from limits import LIMIT
from pipeline_site import now, sent
from whole_state import whole_state

ROUNDS, SEED = int(os.environ.get("ROUNDS", 1)), int(os.environ.get("SEED", 1))
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGSTOP)
STOPPED_SECONDS = 3
# It takes minutes, and does what the others do: CI has tests of its own for it.
LONG = {"site"}
OF_THE_ENFORCER = {"fix_tags", "site"}

pytestmark = pytest.mark.long


def begin(lab: Lab, pyinfra: Pyinfra, job: str) -> int:
    """Put the site back, and return the number of the last request before the job."""
    lab.reset()
    if job not in OF_THE_ENFORCER:  # Else it sets tags in between, at each full minute.
        lab.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": True}})
    prepare(lab, pyinfra, job)
    return now(lab)


def start(pyinfra: Pyinfra, job: str) -> Process:
    return pyinfra.start("inventory.py", f"deploys/{job}.py", "-y")


def run(pyinfra: Pyinfra, job: str) -> tuple[int, str]:
    return pyinfra.run("inventory.py", f"deploys/{job}.py", "-y")


def broken_off(lab: Lab, process: Process, number: int, requests: int) -> None:
    """Send a signal as soon as so many requests have come."""
    deadline = time.monotonic() + LIMIT
    while now(lab) < requests and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    if number == signal.SIGSTOP:
        time.sleep(STOPPED_SECONDS)  # As long as an operator looks away.
        process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("number", range(ROUNDS))
@pytest.mark.parametrize("job", [job for job in JOBS if job not in LONG or ROUNDS > 1])
def test_a_run_that_is_broken_off_is_finished_by_the_next(
    lab: Lab, pyinfra: Pyinfra, job: str, number: int
) -> None:
    chance = random.Random(f"{SEED} {job} {number}")
    first = begin(lab, pyinfra, job)
    code, output = run(pyinfra, job)
    last, expected = now(lab), whole_state(lab)

    before = begin(lab, pyinfra, job)
    chosen = signal.Signals(chance.choice(SIGNALS))
    moment = chance.randint(1, last - first)
    process = start(pyinfra, job)
    broken_off(lab, process, chosen, before + moment)
    broken, _ = process.communicate(timeout=LIMIT)
    told = f"{job}: {chosen.name} after {moment} of {last - first} requests\n{broken}"
    again, output = run(pyinfra, job)
    assert again == code, f"{told}\n{output}"
    assert differences(whole_state(lab), expected) == [], told
    since = now(lab)
    last_code, output = run(pyinfra, job)
    assert last_code == code, f"{told}\n{output}"
    assert sent(lab, since) == [], told


def differences(found: Any, expected: Any, place: str = "") -> list[str]:
    """Return the places at which two states differ, so that a failure can be read."""
    if isinstance(found, dict) and isinstance(expected, dict):
        names = sorted({*found, *expected}, key=str)
        parts = [(found.get(n), expected.get(n), f"{place}.{n}") for n in names]
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        parts = [
            (f, e, f"{place}[{n}]") for n, (f, e) in enumerate(zip(found, expected, strict=True))
        ]
    else:
        return [] if found == expected else [f"{place}: {found!r}, not {expected!r}"]
    return [line for part in parts for line in differences(*part)]
