"""The lock of the site, with a real API server: two runs of the command line."""

from pathlib import Path

from kubernetes_api import Api
from lab_process import Lab, Pyinfra
from limits import LIMIT
from lock_site import NAME, PATH, Work, changes, finished
from moments import read_until
from real_kubernetes import RealKubernetes


def test_two_runs_take_turns(
    lab: Lab,
    real: Api,
    there: Pyinfra,
    real_kubernetes: RealKubernetes,
    tmp_path: Path,
) -> None:
    anna, bert = tmp_path / "anna", tmp_path / "bert"
    anna.mkdir()
    bert.mkdir()
    before = len(real_kubernetes.mutations())
    work = Work(there, tmp_path, LOCK_DIRECTORY=str(anna))
    first = work.started(lab)
    held = real.send("GET", f"{PATH}/{NAME}").body
    code, output = work.run(LOCK_DIRECTORY=str(bert))
    assert code == 3, output
    assert held["spec"]["holderIdentity"].partition("/")[0] in output
    second = work.start("--data", f"wait={LIMIT}", LOCK_DIRECTORY=str(bert))
    read_until(second, "is at work with work since")
    work.go.touch()
    for run in (first, second):
        code, output = finished(run)
        assert code == 0, output
    assert (changes(lab, 6), changes(lab, 7)) == (2, 2)
    left = real.send("GET", f"{PATH}/{NAME}").body
    assert (left["spec"]["holderIdentity"], left["spec"]["leaseTransitions"]) == ("", 1)
    verbs = [line.split()[0] for line in real_kubernetes.mutations()[before:] if PATH in line]
    assert verbs == ["create", "update", "update", "update"]
