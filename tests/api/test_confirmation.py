"""The question before the run: at a terminal, without one, and where there is nothing to do."""

import pytest
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra

FIX = ("inventory.py", "deploys/fix_tags.py", "--limit", "runners")


@pytest.fixture
def lasting(lab: Lab) -> Lab:
    """The site, where tags that are set stay."""
    lab.fault(action="set", loss_delay=3600)
    return lab


def test_it_says_what_will_be_executed(lasting: Lab, pyinfra: Pyinfra) -> None:
    code, output = run_confirmed(pyinfra, "fix_tags", lambda: None, "--limit", "runners")
    assert code == 0, output
    assert "Execute 1 operation on 12 hosts, as shown above? [Y/n]:" in output
    assert len(lasting.mutations()) == 12


@pytest.mark.parametrize("answer", [b"n\n", b"no\n", b"what?\nNO\n"])
def test_no_is_an_answer(lasting: Lab, pyinfra: Pyinfra, answer: bytes) -> None:
    code, output = run_confirmed(
        pyinfra, "fix_tags", lambda: None, "--limit", "runners", answer=answer
    )
    assert code == 0, output
    assert "Nothing was executed." in output
    assert lasting.mutations() == []


def test_without_a_terminal_it_says_what_to_add(lasting: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start_anew(*FIX)
    output, _ = process.communicate()
    assert process.returncode == 1, output
    assert "1 operation on 12 hosts would be executed, and there is no terminal" in output
    assert "add -y (or --dry)" in output
    assert "Traceback" not in output
    assert lasting.mutations() == []


def test_nobody_is_asked_for_nothing(lasting: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(*FIX, "-y")
    assert code == 0, output
    process = pyinfra.start_anew(*FIX)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert "No changes: all that fix_tags looks after is as wanted" in output
    assert len(lasting.mutations()) == 12
