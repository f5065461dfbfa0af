"""deploys/ci_variables.py: lost answers, other people at work, and a run that is killed."""

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from variables_site import DONE, create, is_done, variables


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("action", ["apply_then_hang", "apply_then_reset"])
def test_after_a_lost_answer_the_variable_is_read_and_not_sent_twice(
    lab: Lab, pyinfra: Pyinfra, method: str, action: str
) -> None:
    lab.fault(system="gitlab", method=method, path="/variables", action=action, seconds=1)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    assert "but it was done (read again)" in output
    is_done(lab)
    assert sorted(lab.mutations()) == sorted(DONE)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_request_that_was_lost_is_said_and_a_rerun_does_the_rest(
    lab: Lab, pyinfra: Pyinfra, method: str
) -> None:
    lab.fault(system="gitlab", method=method, path="/variables", action="reset")
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 1
    assert "reading again shows that it was not done. Run again." in output
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)


@pytest.mark.parametrize(
    ("value", "masked"),
    [("another-value-4711", True), ("another-value-4711", False), ("", False)],
    ids=["another value", "another value unmasked", "the value unmasked"],
)
def test_after_a_lost_answer_a_variable_of_somebody_else_is_not_taken_for_the_own_one(
    lab: Lab, pyinfra: Pyinfra, value: str, masked: bool
) -> None:
    """Somebody makes the variable while the answer is awaited; GitLab never got the request."""
    key = "DEDUP_REDIS_PASSWORD"
    value = value or lab.environment[key]
    lab.fault(system="gitlab", method="POST", path="/variables$", action="timeout", seconds=2)
    process = pyinfra.start("inventory.py", "deploys/ci_variables.py", "-y")
    wait_for(lambda: [r for r in lab.requests(mutating="true") if r["method"] == "POST"])
    create(lab, key=key, value=value, masked=masked)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "reading again shows that it was not done. Run again." in output
    assert "but it was done" not in output
    assert value not in output
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)


def test_killed_in_the_middle_and_run_again(lab: Lab, pyinfra: Pyinfra) -> None:
    fault = {"action": "apply_then_hang", "seconds": 30, "skip": 1}
    lab.fault(system="gitlab", method="POST", path="/variables$", **fault)
    process = pyinfra.start("inventory.py", "deploys/ci_variables.py", "-y")
    wait_for(lambda: ("DEDUP_MINIO_PASSWORD", "*") in variables(lab))
    kill(process)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)
    assert sorted(lab.mutations()) == sorted(DONE)


def test_variables_that_cannot_be_read_are_not_taken_for_missing(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    path = "/variables$"
    lab.fault(system="gitlab", method="GET", path=path, action="status", status=403, times=-1)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 1
    assert "403" in output
    assert "nothing is changed" in output
    assert lab.mutations() == []
