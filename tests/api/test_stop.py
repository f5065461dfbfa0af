"""A signal ends the run, also where somebody else's code ignores what it raises."""

import signal

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import end, read_until

DEPLOY = """
import os
from collections.abc import Iterator

from ops.api.action import Action
from ops.api.operation import operation


def swallow(state, host):
    try:
        os.kill(os.getpid(), {number})
    except:
        pass
    return True


def go_on(state, host):
    print("it goes on")
    return True


@operation
def action(function):
    yield Action("act", function)


action(name="First", function=swallow)
action(name="Second", function=go_on)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_whose_exception_is_swallowed_ends_the_run_all_the_same(
    lab: Lab, pyinfra: Pyinfra, number: int
) -> None:
    deploy = pyinfra.write(DEPLOY.format(number=int(number)))
    code, output = pyinfra.run("@local", deploy, "-y")
    assert code == 128 + number, output
    assert "it goes on" not in output
    assert "Interrupted: " in output


THREAD = """
import os
import threading

import gevent

from ops.api.action import Action
from ops.api.operation import operation


def wait(state, host):
    thread = threading.Thread(target=os.kill, args=(os.getpid(), {number}), daemon=True)
    thread.start()
    gevent.sleep(3600)  # as whoever waits for what the thread was to do


@operation
def action(function):
    yield Action("act", function)


action(name="Wait", function=wait)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_finds_a_thread_at_work_ends_the_run(
    lab: Lab, pyinfra: Pyinfra, number: int
) -> None:
    deploy = pyinfra.write(THREAD.format(number=int(number)))
    code, output = pyinfra.run("@local", deploy, "-y", seconds=60)
    assert code == 128 + number, output
    assert "Interrupted: " in output


LEAVING = """
import os
import time
from collections.abc import Iterator

import gevent

from ops.api.action import Action
from ops.api.operation import operation
from ops.api.stop import end_if_asked, putting_back
from pyinfra.connectors.local import LocalConnector


def disconnect(self):
    with putting_back("the last word"):
        os.kill(os.getpid(), {number})
        for _ in range(20):
            gevent.sleep(0.05)
            end_if_asked()
        print("put back")


LocalConnector.disconnect = disconnect


@operation
def action(function):
    yield Action("act", function)


action(name="Only", function=lambda state, host: True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_disconnects_only_counts(lab: Lab, pyinfra: Pyinfra, number: int) -> None:
    process = pyinfra.start_anew("@local", pyinfra.write(LEAVING.format(number=int(number))), "-y")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + number, output
    assert "put back" in output.splitlines()
    assert "Traceback" not in output


def test_a_second_signal_after_a_while_says_what_was_not_put_back(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    kill = "os.kill(os.getpid(), 2)"
    again = f"ops.api.stop.PATIENCE = 0.3; {kill}; gevent.sleep(0.5); {kill}"
    text = LEAVING.format(number=0).replace("os.kill(os.getpid(), 0)", again)
    process = pyinfra.start_anew("@local", pyinfra.write(f"import ops.api.stop\n{text}"), "-y")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + signal.SIGINT, output
    assert "    NOT put back: the last word" in output
    assert "left:     NOT put back: the last word" in output
    assert "put back" not in output.splitlines()


AT_WORK = """
import time

import gevent

from ops.api.action import Action
from ops.api.operation import operation
from ops.api.stop import end_if_asked
from pyinfra import host
from pyinfra.connectors.local import LocalConnector


def disconnect(self):
    for _ in range(20):
        gevent.sleep(0.05)
    print("put back")


LocalConnector.disconnect = disconnect


def watch(state, host):
    print("at work", flush=True)
    while True:
        gevent.sleep(0.1)
        end_if_asked()


@operation
def action(function):
    yield Action("act", function)


action(name="Only", function=watch)
"""


def test_what_is_at_work_does_not_break_off_what_is_put_back(lab: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start_anew("@local", pyinfra.write(AT_WORK), "-y", PYTHONUNBUFFERED="1")
    read_until(process, "at work")
    code, output = end(process, signal.SIGINT)
    assert code == 128 + signal.SIGINT, output
    assert "put back" in output.splitlines()


BUSY = AT_WORK.replace(
    """    while True:
        gevent.sleep(0.1)
        end_if_asked()
""",
    """    while not exit_code():  # No other greenlet gets its turn before this one ends.
        pass
    end_if_asked()
""",
).replace("import end_if_asked", "import end_if_asked, exit_code")


def test_what_ends_because_it_is_asked_to_does_not_break_it_off_either(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    assert "while not exit_code()" in BUSY
    process = pyinfra.start_anew("@local", pyinfra.write(BUSY), "-y", PYTHONUNBUFFERED="1")
    read_until(process, "at work")
    code, output = end(process, signal.SIGTERM)
    assert code == 128 + signal.SIGTERM, output
    assert "put back" in output.splitlines()


AT_THE_VERY_END = """
import atexit
import os

atexit.register(os.kill, os.getpid(), {number})
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_after_the_last_step_is_in_the_exit_code(
    lab: Lab, pyinfra: Pyinfra, number: int
) -> None:
    deploy = pyinfra.write(AT_THE_VERY_END.format(number=int(number)))
    code, output = pyinfra.run("@local", deploy, "-y")
    assert code == 128 + number, output
    assert f"Interrupted: deploy by {signal.Signals(number).name}" in output


@pytest.mark.parametrize("how", ["--dry", "-y"])
def test_a_run_that_is_broken_off_is_no_success(lab: Lab, pyinfra: Pyinfra, how: str) -> None:
    code, output = pyinfra.run("@local", pyinfra.write("raise SystemExit(7)\n"), how)
    assert code == 7, output
    assert "Refused: nothing of deploy was executed" in output
    assert "as wanted" not in output
