"""deploys/fix_tags.py: kills, broken connections and pods that are replaced."""

import re
import signal

import pytest
from fix_tags_faults_site import converges
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import (
    ALERT,
    ENDLESS_PROOF,
    end,
    is_proving,
    is_ready,
    kill,
    read_until,
    wait_for,
    wait_for_looks,
)

pytestmark = pytest.mark.long


HOUR = 3600
PHASES = ("status", "down", "up")  # the calls of gitlab-rake, in their order


@pytest.fixture
def slow_rake(lab: Lab) -> Lab:
    lab.fault(action="set", rake_down=2.5, rake_up=5)
    return lab


def running(lab: Lab, word: str) -> bool:
    return any(call["state"] == "running" and word in call["task"] for call in lab.state()["rake"])


def killed_in(lab: Lab, pyinfra: Pyinfra, phase: str) -> None:
    """Kill a run when gitlab-rake boots for a phase, which then does not go on by itself."""
    lab.fault(action="set", rake_boot=HOUR)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    for reached in PHASES[: PHASES.index(phase) + 1]:
        wait_for(lambda word=reached: running(lab, word))
        if reached != phase:
            lab.fault(action="advance", seconds=HOUR)
    kill(process)


def let_it_boot(lab: Lab) -> None:
    lab.fault(action="set", rake_boot=0.1)
    lab.fault(action="advance", seconds=HOUR)


@pytest.mark.parametrize("phase", PHASES)
def test_killed_while_the_migration_runs(lab: Lab, pyinfra: Pyinfra, phase: str) -> None:
    killed_in(lab, pyinfra, phase)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    output = read_until(process, "Starting operation: Migration | Run it down and up")
    let_it_boot(lab)
    output += process.communicate(timeout=LIMIT)[0]
    assert process.returncode == 0, output
    assert "job migration-requeue" in output
    assert "start job" not in output
    converges(lab, pyinfra)


def test_killed_between_down_and_up(lab: Lab, pyinfra: Pyinfra) -> None:
    killed_in(lab, pyinfra, "up")
    assert lab.rake("down")
    assert not lab.rake("up")
    let_it_boot(lab)
    converges(lab, pyinfra)


def test_killed_during_the_proof(lab: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab))
    wait_for_looks(lab)
    kill(process)
    assert lab.enforcer() == ("* * * * *", True)
    converges(lab, pyinfra)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_during_the_proof(lab: Lab, pyinfra: Pyinfra, number: int) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab))
    code, output = end(process, number)
    assert code == 128 + number, output
    assert "the run ends before it is done" in output
    assert re.search(r"^put back: @kubernetes/\S+/runner-tag-enforcer", output, re.MULTILINE)
    assert f"Interrupted: fix_tags by {signal.Signals(number).name}" in output
    assert lab.enforcer() == ALERT
    converges(lab, pyinfra)


def test_the_exec_stream_is_cut_after_the_job_has_started(slow_rake: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: running(slow_rake, "down"))
    slow_rake.fault(system="exec", action="cut", after_seconds=0, command="poll", times=2)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert "the job goes on without us" in output
    converges(slow_rake, pyinfra)


def test_the_exec_stream_is_cut_while_the_job_starts(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="exec", action="cut", after_seconds=0.02, command="nohup", times=1)
    code, output = pyinfra.deploy("fix_tags", "-y")
    if code != 0:
        assert "unknown whether the command was done" in output
    converges(lab, pyinfra)


def test_the_api_times_out_while_polling(slow_rake: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start(
        "inventory.py", "deploys/fix_tags.py", "-y", "--data", "kubernetes_timeout=1"
    )
    wait_for(lambda: running(slow_rake, "down"))
    slow_rake.fault(
        system="kubernetes", method="GET", path="/exec", action="timeout", seconds=3, times=2
    )
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    converges(slow_rake, pyinfra)


def test_the_ssh_connection_drops(slow_rake: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: running(slow_rake, "down"))
    slow_rake.fault(action="drop_ssh")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    converges(slow_rake, pyinfra)


def test_the_control_node_refuses_ssh_for_a_while(slow_rake: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: running(slow_rake, "down"))
    slow_rake.fault(action="refuse_ssh", seconds=4)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert "the job goes on without us" in output
    converges(slow_rake, pyinfra)


@pytest.mark.parametrize("phase", ["down", "up"])
def test_the_toolbox_pod_is_replaced(slow_rake: Lab, pyinfra: Pyinfra, phase: str) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: running(slow_rake, phase))
    slow_rake.fault(action="replace_pod", pod="toolbox")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "job migration-requeue is lost" in output
    converges(slow_rake, pyinfra)


def test_the_pod_is_replaced_after_the_migration_but_before_its_record(
    slow_rake: Lab, pyinfra: Pyinfra
) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: running(slow_rake, "down"))
    kill(process)
    wait_for(lambda: slow_rake.rake("up"))
    slow_rake.fault(action="replace_pod", pod="toolbox")
    wait_for(lambda: is_ready(slow_rake, "gitlab-toolbox"))
    converges(slow_rake, pyinfra)
