"""Exit code 3 of docs/exit_codes.md, of each deploy that changes something."""

import pytest
from before_jobs import JOBS, prepare
from lab_process import Lab, Pyinfra
from rbac_site import WIDE
from window_site import OPENS, SATURDAY, SUNDAY, set_clock, windows

ONLY_LOOK = ("overview", "verify_kafka_sasl", "windows")


def without_rights(lab: Lab) -> None:
    lab.fault(action="delete_object", kind="ClusterRoleBinding", name=WIDE)


@pytest.mark.parametrize("job", [job for job in JOBS if job not in ONLY_LOOK])
def test_outside_of_a_window_each_job_sends_nothing(lab: Lab, pyinfra: Pyinfra, job: str) -> None:
    prepare(lab, pyinfra, job)
    if job == "experiment_rbac":
        without_rights(lab)
    before = lab.mutations(), [lab.heads(remote) for remote in ("gitlab", "github")]
    set_clock(pyinfra, SATURDAY)
    code, output = pyinfra.run("inventory.py", f"deploys/{job}.py", "-y", *windows(SUNDAY))
    assert code == 3, output
    assert f"Blocked: nothing of {job} was executed" in output
    assert OPENS in output
    assert (lab.mutations(), [lab.heads(remote) for remote in ("gitlab", "github")]) == before


@pytest.mark.parametrize("job", ["overview", "verify_kafka_sasl"])
def test_what_only_looks_needs_no_window(lab: Lab, pyinfra: Pyinfra, job: str) -> None:
    set_clock(pyinfra, SATURDAY)
    code, output = pyinfra.run("inventory.py", f"deploys/{job}.py", "-y", *windows(SUNDAY))
    assert code != 3, output
    assert "Blocked" not in output
