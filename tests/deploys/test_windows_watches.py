"""A job that watches stops in order at the end of a window, and puts back what must not stay."""

import json

from experiment_site import RUNNER, is_free, pod
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import ALERT, ENDLESS_PROOF, is_proving, wait_for
from pipeline_site import now, pending, sent
from window_site import AFTER, SUNDAY, WITHIN, set_clock, windows

BUDGET = "PodDisruptionBudget"
AGAIN = "opens Sun 2026-12-06 02:00+01:00 Europe/Berlin"


def verdict(pyinfra: Pyinfra) -> dict[str, list[str]]:
    (file,) = (pyinfra.directory / "records").glob("*/record.json")
    found: dict[str, list[str]] = json.loads(file.read_text())["run"]["verdict"]
    return found


def test_the_runner_is_unpaused(short: Lab, pyinfra: Pyinfra) -> None:
    short.fault(action="set", pod_ready_seconds=3600)
    set_clock(pyinfra, WITHIN)
    before = pod(short)
    process = pyinfra.start("inventory.py", "deploys/follow_experiment.py", "-y", *windows(SUNDAY))
    wait_for(lambda: pod(short) != before)
    assert short.runners()[RUNNER]["paused"]
    set_clock(pyinfra, AFTER)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 3, output
    assert AGAIN in output
    assert is_free(short)
    assert verdict(pyinfra)["put_back"]


def test_lost_tags_are_not_set_again(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=3600)
    set_clock(pyinfra, WITHIN)
    process = pyinfra.start("inventory.py", "deploys/unblock_pipeline.py", "-y", *windows(SUNDAY))
    wait_for(lambda: sent(lab) and pending(lab) == {"build-macos-arm"})
    set_clock(pyinfra, AFTER)
    before = now(lab)
    lab.fault(action="lose_tags", runners="all")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 3, output
    assert AGAIN in output
    assert sent(lab, before) == []
    assert verdict(pyinfra)["word"] == "Blocked"


def test_a_migration_that_runs_goes_on_and_its_budget_is_removed(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", rake_up=3600, rake_down=0.1)
    set_clock(pyinfra, WITHIN)
    snapshots = f"snapshot_directory={pyinfra.directory / 'snapshots'}"
    process = pyinfra.start(
        "inventory.py", "deploys/fix_tags.py", "-y", "--data", snapshots, *windows(SUNDAY)
    )
    wait_for(lambda: runs(lab, "up"))
    set_clock(pyinfra, AFTER)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 3, output
    assert "goes on (pid " in output and "run again to wait for it" in output
    assert runs(lab, "up")
    assert not [e for e in lab.state()["kubernetes"]["objects"] if e["kind"] == BUDGET]


def test_a_job_that_is_a_part_stops_at_the_end_of_its_own_window(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=3600)
    set_clock(pyinfra, WITHIN)
    file = pyinfra.write('from ops.site.job import job\n\njob("fix_tags")\n')
    more = windows({**SUNDAY, "jobs": ["fix_tags"]})
    snapshots = f"snapshot_directory={pyinfra.directory / 'snapshots'}"
    process = pyinfra.start("inventory.py", file, "-y", "--data", snapshots, *more, **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab))
    set_clock(pyinfra, AFTER)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 3, output
    assert AGAIN in output
    assert lab.enforcer() == ALERT


def runs(lab: Lab, word: str) -> bool:
    calls = lab.state()["rake"]
    return any(word in call["task"] and call["state"] != "finished" for call in calls)
