"""A signal ends the run, also where somebody else's code ignores what it raises."""

import signal

import pytest
from lab_process import Lab, Pyinfra

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
    assert "Disconnecting" in output
