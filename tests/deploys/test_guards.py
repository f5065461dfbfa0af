"""What a guard forbids is not sent, and the run ends with exit code 3 (ops/api/guards.py)."""

import json

import pytest
from lab_process import Lab, Pyinfra
from moments import ALERT, ENDLESS_PROOF, is_proving, wait_for
from window_site import OPENS, SATURDAY, SUNDAY, WITHIN, set_clock, windows

DEPLOY = """\
from pathlib import Path
from ops.api import guards
from ops.api.once import once
from ops.site.job import job

class Guard:
    def begin(self):
        return {begin!r}

    def refusal(self, host):
        is_off = Path({switch!r}).exists() and host.name.startswith({where!r})
        return "the switch is off" if is_off else ""

once("guard", lambda: guards.join(Guard()) or True)
job({job!r})
"""


def write(pyinfra: Pyinfra, job: str, begin: str = "", where: str = "") -> tuple[str, str]:
    """Return the path of a deploy file with a guard, and that of the guard's switch.

    + where: what the names of the hosts that it is about begin with
    """
    switch = str(pyinfra.directory / "off")
    text = DEPLOY.format(job=job, begin=begin, switch=switch, where=where)
    return pyinfra.write(text), switch


def test_a_run_that_may_not_begin_sends_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    file, _ = write(pyinfra, "fix_tags", begin="not on a Friday")
    code, output = pyinfra.run("inventory.py", file, "-y")
    assert code == 3, output
    assert "Blocked: nothing of deploy was executed" in output
    assert "left:     not on a Friday" in output
    assert lab.mutations() == []
    assert not list((pyinfra.directory / "records").glob("*/record.json"))


def test_a_preview_and_checks_are_not_asked_about(lab: Lab, pyinfra: Pyinfra) -> None:
    file, _ = write(pyinfra, "fix_tags", begin="not on a Friday")
    code, output = pyinfra.run("inventory.py", file, "--dry")
    assert code == 0, output
    file, switch = write(pyinfra, "verify_kafka_sasl", begin="not on a Friday")
    open(switch, "w").close()
    code, output = pyinfra.run("inventory.py", file, "-y")
    assert "Blocked" not in output and "not on a Friday" not in output
    assert lab.mutations() == []


@pytest.mark.parametrize("job", ["unblock_pipeline", "ci_variables", "sync_master"])
def test_a_change_that_a_guard_refuses_is_not_sent(lab: Lab, pyinfra: Pyinfra, job: str) -> None:
    heads = [lab.heads(remote) for remote in ("gitlab", "github")]
    file, switch = write(pyinfra, job)
    open(switch, "w").close()
    code, output = pyinfra.run("inventory.py", file, "-y")
    assert code == 3, output
    assert "the switch is off" in output
    assert lab.mutations() == []
    assert [lab.heads(remote) for remote in ("gitlab", "github")] == heads


def test_a_watch_that_is_refused_stops_and_puts_back(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=3600)
    file, switch = write(pyinfra, "fix_tags")
    process = pyinfra.start("inventory.py", file, "-y", **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab))
    open(switch, "w").close()
    output, _ = process.communicate()
    assert process.returncode == 3, output
    assert "Blocked: deploy may not go on now, and ended there" in output
    assert lab.enforcer() == ALERT
    (record,) = (pyinfra.directory / "records").glob("*/record.json")
    document = json.loads(record.read_text())["run"]
    assert document["verdict"]["blocked"] == ["the switch is off"]
    assert document["verdict"]["put_back"] and document["exit_code"] == 3


def test_a_command_on_a_host_is_asked_about_as_well(lab: Lab, pyinfra: Pyinfra) -> None:
    file, switch = write(pyinfra, "fix_tags", where="@pod/")
    open(switch, "w").close()
    code, output = pyinfra.run("inventory.py", file, "-y")
    assert code == 3, output
    assert "[@pod/gitlab/app=toolbox] the switch is off" in output
    assert lab.state()["rake"] == []
    kinds = [entry["kind"] for entry in lab.state()["kubernetes"]["objects"]]
    assert "PodDisruptionBudget" not in kinds  # It was there, for the command.


SHELL = """\
from pyinfra.operations import server

server.shell(name="Touch it", commands=["touch {}"])
"""


def test_pyinfras_own_operations_need_a_window_to_begin(lab: Lab, pyinfra: Pyinfra) -> None:
    touched = pyinfra.directory / "touched"
    file = pyinfra.write(SHELL.format(touched))
    set_clock(pyinfra, SATURDAY)
    code, output = pyinfra.run("@local", file, "-y", *windows(SUNDAY))
    assert code == 3, output
    assert OPENS in output and not touched.exists()
    set_clock(pyinfra, WITHIN)
    code, output = pyinfra.run("@local", file, "-y", *windows(SUNDAY))
    assert code == 0, output
    assert touched.exists()
