"""What each job finds on the practice site that gives it something to do, and to come to an end."""

from collections.abc import Callable
from pathlib import Path

from experiment_site import have_short_pipeline
from lab_process import ROOT, Lab, Pyinfra
from pipeline_site import ACTIVE, cancel, set_all_tags

JOBS = sorted(file.stem for file in (ROOT / "deploys").glob("*.py"))


def without_enforcer(lab: Lab) -> None:
    """Let nobody but the job set tags."""
    lab.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": True}})


def with_an_obsolete_pipeline(lab: Lab, pyinfra: Pyinfra) -> None:
    """It stays active, for no runner takes its jobs."""
    without_enforcer(lab)


SAVE = """\
from pyinfra import host
from ops.gitlab import snapshot

if "gitlab" in host.groups:
    snapshot.runners(name="Save the settings", directory={!r})
"""


def save_settings(pyinfra: Pyinfra) -> None:
    """Save the settings of all runners, as fix_tags does before it sets tags."""
    file = pyinfra.write(SAVE.format(str(pyinfra.directory / "snapshots")))
    code, output = pyinfra.run("inventory.py", file, "-y")
    assert code == 0, output


def with_a_snapshot(lab: Lab, pyinfra: Pyinfra) -> None:
    """All tags are saved, and lost since then; nobody else sets them."""
    without_enforcer(lab)
    set_all_tags(lab)
    save_settings(pyinfra)
    lab.fault(action="lose_tags", runners="all")


def with_a_proof(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.5)
    lab.fault(action="finish_job", job="experiment:kafka")


def with_a_short_pipeline(lab: Lab, pyinfra: Pyinfra) -> None:
    have_short_pipeline(lab)


def without_loss(lab: Lab, pyinfra: Pyinfra) -> None:
    """What is set stays set, and no job ends, nor keeps a runner from what waits."""
    cancel(lab, ACTIVE)
    lab.fault(action="set", loss_delay=3600, job_seconds=3600)


DESCRIBE = """\
from pyinfra import host
from ops.gitlab import runners

if host.name == "@gitlab/runners/7":
    runners.runner(name="Describe it", description="described")
"""


def with_a_record(lab: Lab, pyinfra: Pyinfra) -> None:
    """A run has changed a setting of a runner, to which nobody else does anything."""
    without_enforcer(lab)
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=7, tags=["macos"])
    code, output = pyinfra.run("inventory.py", pyinfra.write(DESCRIBE), "-y")
    assert code == 0, output
    found = Path(pyinfra.environment["RECORD_DIRECTORY"]).glob("*-deploy-*/record.json")
    pyinfra.environment["UNDO_RECORD"] = str(max(found))


BEFORE: dict[str, Callable[[Lab, Pyinfra], None]] = {
    "follow_experiment": with_a_short_pipeline,
    "pipelines": with_an_obsolete_pipeline,
    "restore_runners": with_a_snapshot,
    "revert_super_users": with_a_proof,
    "unblock_pipeline": without_loss,
    "undo": with_a_record,
}


def prepare(lab: Lab, pyinfra: Pyinfra, job: str) -> None:
    """Bring the site of the beginning where a job has something to do; its files are private."""
    # A push has its pipeline at once: whoever looks at the end does not look too early.
    lab.fault(action="set", push_seconds=0)
    pyinfra.environment |= {
        "TAG_VERIFICATION_SECONDS": "2",
        "EVIDENCE_DIRECTORY": str(pyinfra.directory / "evidence"),
        "SNAPSHOT_DIRECTORY": str(pyinfra.directory / "snapshots"),
    }
    BEFORE.get(job, lambda *_: None)(lab, pyinfra)
