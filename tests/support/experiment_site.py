"""What the tests of following the experiment share."""

from datetime import UTC, datetime, timedelta
from getpass import getuser
from socket import gethostname
from typing import Any

from forked import Process
from lab_process import Lab, Pyinfra
from moments import wait_for
from pipeline_site import (
    ACTIVE,
    CI_FILE,
    LIVE,
    cancel,
    now,
    sent,
    set_all_tags,
    someone,
    statuses,
)

from ops.site.experiment.pause_mark import Mark, mark_of, marked, own_note

RUNNER, NOTE = 17, "has the large disk"
SHORT = LIVE + 1
# Kubernetes knows the age of a pod in whole seconds: one that was made in the second in which its
# job ends looks as if it had been made after that, and is not replaced.
JOB_SECONDS = 1.1
JOBS = ("experiment:one", "experiment:two", "experiment:three")
PODS = "/api/v1/namespaces/gitlab-runner/pods"


def have_short_pipeline(lab: Lab) -> None:
    """Have a pipeline of three experiment jobs that run one after the other, and none else."""
    set_all_tags(lab, job_seconds=JOB_SECONDS)
    cancel(lab, LIVE, ACTIVE)
    # It may have taken a job before that was cancelled.
    lab.fault(action="replace_pod", pod="gitlab-runner-4")
    someone(lab, "PUT", f"/runners/{RUNNER}", {"maintenance_note": NOTE})
    lines = []
    for job, before in zip(JOBS, (None, *JOBS), strict=False):
        lines += [f"{job}:", "  tags: [kubernetes, experiment]", "  script: [measure]"]
        lines += [f"  needs: ['{before}']"] if before else []
    files = {CI_FILE: "\n".join([*lines, ""])}
    lab.fault(action="commit", remote="gitlab", branch="development", files=files)
    assert list(lab.jobs(SHORT)) == list(JOBS)


def pod(lab: Lab) -> str:
    """The uid of the runner's pod."""
    return _metadata(lab)["uid"]


def pod_name(lab: Lab) -> str:
    return _metadata(lab)["name"]


def _metadata(lab: Lab) -> dict[str, str]:
    pods = [e["object"]["metadata"] for e in lab.state()["kubernetes"]["objects"]
            if e["kind"] == "Pod" and e["name"].startswith("gitlab-runner-4-")]  # fmt: skip
    metadata: dict[str, str] = [p for p in pods if "deletionTimestamp" not in p][-1]
    return metadata


def replacements(lab: Lab) -> int:
    """How often the pod was replaced; each time between a pause and its end, and once."""
    found = lab.requests(mutating="true")
    steps = []
    for request in found:
        if request["method"] == "DELETE":
            assert request["path"].startswith(f"{PODS}/gitlab-runner-4-")
            steps.append("delete")
        elif request["path"] == f"/api/v4/runners/{RUNNER}" and "paused" in request["body"]:
            steps.append("pause" if request["body"]["paused"] else "unpause")
    count = steps.count("delete")
    assert steps == ["pause", "delete", "unpause"] * count
    deleted = [r["path"] for r in found if r["method"] == "DELETE"]
    assert len(set(deleted)) == count
    return count


def is_free(lab: Lab, note: str = NOTE) -> bool:
    runner = lab.runners()[RUNNER]
    return not runner["paused"] and runner["maintenance_note"] == note


def anna(minutes: float = 0, note: str = NOTE) -> dict[str, Any]:
    """The pause of a run on another host, from some minutes ago."""
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    mark = Mark("anna", "her-laptop", 7, since.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return {"paused": True, "maintenance_note": marked(note, mark)}


def start(pyinfra: Pyinfra, *arguments: str) -> Process:
    return pyinfra.start("inventory.py", "deploys/follow_experiment.py", "-y", *arguments)


def in_the_middle(lab: Lab, pyinfra: Pyinfra, note: str = NOTE) -> Process:
    """Start it and return the process while the runner is paused and its next pod starts."""
    lab.fault(action="set", pod_ready_seconds=5)
    before = pod(lab)
    process = start(pyinfra)
    wait_for(lambda: pod(lab) != before)
    assert lab.runners()[RUNNER]["paused"]
    settings = lab.runners()[RUNNER]
    mark = mark_of(settings)
    assert mark is not None
    assert (mark.user, mark.host, mark.pid) == (getuser(), gethostname(), process.pid)
    assert own_note(settings) == note
    lab.fault(action="set", pod_ready_seconds=0.3)
    return process


def converges(lab: Lab, pyinfra: Pyinfra, note: str = NOTE) -> str:
    """Run to the end and once more: all jobs were successful, and the runner is as it was."""
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert set(statuses(lab, SHORT).values()) == {"success"}
    assert is_free(lab, note)
    before = now(lab)
    code, last = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, last
    assert sent(lab, before) == []
    return output


def finish(lab: Lab, *jobs: str) -> None:
    for job in jobs:
        lab.fault(action="finish_job", job=job)
