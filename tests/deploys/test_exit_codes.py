"""docs/exit_codes.md, of each deploy; its previews without changes pending are in test_json.py."""

import signal
from collections.abc import Callable

import pytest
from before_jobs import JOBS, prepare
from lab_process import Lab, Pyinfra
from moments import end, wait_for
from pipeline_site import now
from rbac_site import WIDE

ASKED = {"DETAILED_EXIT_CODE": "1"}
# `overview` changes nothing, and test_overview.py has a site where all is well.
# The run of `site` takes half a minute, and is in test_site.py.
CHANGING = [job for job in JOBS if job not in ("overview", "site")]
# It only looks, so nothing is ever pending.
ONLY_LOOKS = ("overview", "verify_kafka_sasl", "windows")
SYSTEMS = ("gitlab", "github", "kubernetes")


def without_rights(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="delete_object", kind="ClusterRoleBinding", name=WIDE)


def with_all_variables(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y", "--limit", "project")
    assert code == 0, output


MORE: dict[str, Callable[[Lab, Pyinfra], None]] = {
    "experiment_rbac": without_rights,
    "verify_kafka_sasl": with_all_variables,
}


def run(pyinfra: Pyinfra, job: str, how: str, **environment: str) -> tuple[int, str]:
    return pyinfra.run("inventory.py", f"deploys/{job}.py", how, **environment)


@pytest.mark.parametrize("job", CHANGING)
def test_pending_done_and_as_wanted(lab: Lab, pyinfra: Pyinfra, job: str) -> None:
    prepare(lab, pyinfra, job)
    MORE.get(job, lambda *_: None)(lab, pyinfra)
    code, output = run(pyinfra, job, "--dry", **ASKED)
    assert code == (0 if job in ONLY_LOOKS else 2), output
    code, output = run(pyinfra, job, "-y")
    assert code == 0, output
    assert ("Done: " in output) == (job not in ONLY_LOOKS)
    code, output = run(pyinfra, job, "--dry", **ASKED)
    assert code == 0, output
    assert "No changes: " in output


@pytest.mark.parametrize("job", JOBS)
def test_a_refusing_site_and_signals(lab: Lab, pyinfra: Pyinfra, job: str) -> None:
    if job == "undo":  # What it asks for is what its record names.
        prepare(lab, pyinfra, job)
        lab.reset()
    for system in SYSTEMS:
        lab.fault(system=system, action="status", status=403, times=-1)
    for how in ("--dry", "-y"):
        code, output = run(pyinfra, job, how, **ASKED)
        assert code == 1, output
    lab.reset()
    for system in SYSTEMS:
        lab.fault(system=system, action="timeout", seconds=3600, times=-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        before = now(lab)
        process = pyinfra.start("inventory.py", f"deploys/{job}.py", "--dry", **ASKED)
        wait_for(lambda before=before: now(lab) > before)
        code, output = end(process, number)
        assert code == 128 + number, output
    assert lab.mutations() == []
