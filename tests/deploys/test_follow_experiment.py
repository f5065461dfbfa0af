"""deploys/follow_experiment.py: the runner's pod is replaced after each job, never during one."""

import signal
import subprocess
import time

import pytest
from lab_process import Lab, Pyinfra
from moments import end, kill, wait_for
from pipeline_site import (
    ACTIVE,
    CI_FILE,
    LIVE,
    PROJECT,
    cancel,
    now,
    pending,
    sent,
    set_all_tags,
    someone,
    statuses,
)  # fmt: skip

from ops.runner_pod import MARK

RUNNER, NOTE = 17, "has the large disk"
SHORT = LIVE + 1
JOBS = ("experiment:one", "experiment:two", "experiment:three")
PODS = "/api/v1/namespaces/gitlab-runner/pods"


@pytest.fixture
def short(lab: Lab) -> Lab:
    """The site with a live pipeline of three experiment jobs that run one after the other."""
    set_all_tags(lab, job_seconds=0.2)
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
    return lab


def pod(lab: Lab) -> str:
    """The uid of the runner's newest pod."""
    pods = [e["object"]["metadata"] for e in lab.state()["kubernetes"]["objects"]
            if e["kind"] == "Pod" and e["name"].startswith("gitlab-runner-4-")]  # fmt: skip
    return str([p for p in pods if "deletionTimestamp" not in p][-1]["uid"])


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


def is_free(lab: Lab) -> bool:
    runner = lab.runners()[RUNNER]
    return not runner["paused"] and runner["maintenance_note"] == NOTE


def start(pyinfra: Pyinfra, *arguments: str) -> subprocess.Popen[str]:
    return pyinfra.start("inventory.py", "deploys/follow_experiment.py", "-y", *arguments)


def in_the_middle(lab: Lab, pyinfra: Pyinfra) -> subprocess.Popen[str]:
    """Start it and return the process while the runner is paused and its next pod starts."""
    lab.fault(action="set", pod_ready_seconds=5)
    before = pod(lab)
    process = start(pyinfra)
    wait_for(lambda: pod(lab) != before)
    assert lab.runners()[RUNNER]["paused"]
    assert lab.runners()[RUNNER]["maintenance_note"] == MARK + NOTE
    lab.fault(action="set", pod_ready_seconds=0.3)
    return process


def converges(lab: Lab, pyinfra: Pyinfra) -> str:
    """Run to the end and once more: all jobs were successful, and the runner is as it was."""
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert set(statuses(lab, SHORT).values()) == {"success"}
    assert is_free(lab)
    before = now(lab)
    code, last = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, last
    assert sent(lab, before) == []
    return output


def test_the_preview_says_what_it_would_do_and_does_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("follow_experiment", "--dry")
    assert code == 0, output
    assert lab.mutations() == []
    assert "build: 4/7 done, 3 pending" in output
    assert f"would follow pipeline {LIVE} for at most 14400 s; after each of 13" in output
    assert "pause runner 17, delete its pod (app=gitlab-runner-4, grace period 5 s)" in output


def test_the_whole_pipeline_is_followed_to_its_end(lab: Lab, pyinfra: Pyinfra) -> None:
    """A job whose pod is deleted while it runs fails, so success shows that none was."""
    set_all_tags(lab, job_seconds=0.2)
    someone(lab, "PUT", f"/runners/{RUNNER}", {"maintenance_note": NOTE})
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert lab.pipelines()[LIVE]["status"] == "success"
    assert f"pipeline {LIVE} is over" in output
    ran_here = [job for job in lab.jobs(LIVE).values() if job["runner"] == RUNNER]
    assert len(ran_here) >= 12
    assert {job["status"] for job in ran_here} == {"success"}
    assert replacements(lab) == len(ran_here)
    assert is_free(lab)
    before = now(lab)
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert "no pipeline of development is active: nothing to do" in output
    assert sent(lab, before) == []


def test_a_job_that_arrives_while_the_pod_is_replaced_waits_for_the_next_one(
    short: Lab, pyinfra: Pyinfra
) -> None:
    """It would be taken by the new pod at once, as soon as that is there, if it was not paused."""
    process = in_the_middle(short, pyinfra)
    assert pending(short, SHORT) == {JOBS[1]}
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert set(statuses(short, SHORT).values()) == {"success"}
    assert replacements(short) == len(JOBS)


def test_the_pod_is_left_while_a_job_of_another_pipeline_runs_on_it(
    short: Lab, pyinfra: Pyinfra
) -> None:
    """A runner that takes one job at a time does not ask for another one while it is busy."""
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    short.fault(action="set", job_seconds=600)
    short.fault(action="replace_pod", pod="gitlab-runner-4")
    wait_for(lambda: statuses(short, SHORT)[JOBS[1]] == "running")
    other = someone(short, "POST", f"{PROJECT}/pipeline", {"ref": "development"})["id"]
    silent = someone(short, "GET", f"/runners/{RUNNER}")
    short.fault(
        system="gitlab", method="GET", path=f"/runners/{RUNNER}$", action="status", status=200,
        body=silent, times=-1,
    )  # fmt: skip
    before = pod(short)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "follow_seconds=6")
    assert code == 1
    assert f"nothing, although {JOBS[0]} waits and the runner does not poll" in output
    assert f"not replaced: job {JOBS[1]} runs on it. It is tried again." in output
    assert pod(short) == before
    assert statuses(short, SHORT)[JOBS[1]] == "running"
    assert pending(short, other) == {JOBS[0]}
    assert is_free(short)


def test_it_goes_on_although_the_runner_lost_its_tags_while_it_was_paused(
    short: Lab, pyinfra: Pyinfra
) -> None:
    """GitLab unpauses no runner without tags, unless they come along."""
    process = in_the_middle(short, pyinfra)
    short.fault(action="lose_tags", runners=[RUNNER])
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert set(statuses(short, SHORT).values()) == {"success"}
    assert is_free(short)


def test_killed_while_the_runner_is_paused_the_next_run_goes_on(
    short: Lab, pyinfra: Pyinfra
) -> None:
    kill(in_the_middle(short, pyinfra))
    assert short.runners()[RUNNER]["paused"]
    output = converges(short, pyinfra)
    assert f"runner {RUNNER} paused: true -> false" in output


def test_a_pause_that_was_left_is_taken_back_also_when_there_is_no_pipeline_any_more(
    short: Lab, pyinfra: Pyinfra
) -> None:
    kill(in_the_middle(short, pyinfra))
    cancel(short, SHORT)
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "--dry")
    assert code == 0, output
    assert f"runner {RUNNER} paused: true -> false" in output
    assert sent(short, before) == []
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert is_free(short)
    assert sent(short, before) == [f"PUT /runners/{RUNNER}"]


def test_started_again_it_does_not_replace_the_pod_once_more(short: Lab, pyinfra: Pyinfra) -> None:
    time.sleep(1.1)  # A pod's age is known in whole seconds.
    process = in_the_middle(short, pyinfra)
    short.fault(action="set", job_seconds=600)
    wait_for(lambda: statuses(short, SHORT)[JOBS[1]] == "running")
    kill(process)
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "follow_seconds=1")
    assert code == 1, output
    assert sent(short, before) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_the_runner_is_paused_it_is_unpaused(
    short: Lab, pyinfra: Pyinfra, number: int
) -> None:
    code, output = end(in_the_middle(short, pyinfra), number)
    assert code == 128 + number, output
    assert "put back" in output
    assert is_free(short)
    converges(short, pyinfra)


def test_a_pod_that_does_not_become_ready_is_reported_and_tried_again(
    short: Lab, pyinfra: Pyinfra
) -> None:
    short.fault(action="never_ready", label="app=gitlab-runner-4")
    process = start(pyinfra, "--data", "runner_ready_seconds=2")
    wait_for(lambda: "DELETE" in str(sent(short)) and is_free(short))
    assert replacements(short) == 1
    short.ask("/faults", method="DELETE")
    short.fault(action="replace_pod", pod="gitlab-runner-4")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "not replaced: no new pod is ready after 2 s. It is tried again." in output
    assert set(statuses(short, SHORT).values()) == {"success"}
    assert is_free(short)


def test_a_pod_that_never_becomes_ready_fails_in_the_end(short: Lab, pyinfra: Pyinfra) -> None:
    short.fault(action="never_ready", label="app=gitlab-runner-4")
    limits = ("--data", "runner_ready_seconds=1", "--data", "follow_seconds=9")
    code, output = pyinfra.deploy("follow_experiment", "-y", *limits)
    assert code == 1
    assert "not replaced: no new pod is ready after 1 s" in output
    assert "not replaced: no pod with app=gitlab-runner-4 is ready" in output
    assert is_free(short)


def test_it_ends_when_the_given_time_is_over(short: Lab, pyinfra: Pyinfra) -> None:
    short.fault(action="set", job_seconds=600)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "follow_seconds=2")
    assert code == 1
    assert f"pipeline {SHORT} is not over after 2 s. Run again to go on." in output
    assert statuses(short, SHORT)[JOBS[0]] == "running"
    assert replacements(short) == 0


def test_a_failed_job_fails_the_run_and_is_named(short: Lab, pyinfra: Pyinfra) -> None:
    short.fault(action="fail_job", job=JOBS[1])
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 1
    assert f"failed: {JOBS[1]}; canceled: -" in output
    assert statuses(short, SHORT)[JOBS[2]] == "skipped"
    assert is_free(short)


def test_the_pause_of_somebody_else_is_left_alone(short: Lab, pyinfra: Pyinfra) -> None:
    paused = {"paused": True, "maintenance_note": "disk is replaced, Tom"}
    someone(short, "PUT", f"/runners/{RUNNER}", paused)
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 1
    assert "what is left, no runner can ever take:" in output
    assert "nobody: 17 k8s-runner-4 is paused" in output
    assert sent(short, before) == []
    runner = short.runners()[RUNNER]
    assert {name: runner[name] for name in paused} == paused


@pytest.mark.parametrize(
    ("system", "method", "path", "status"),
    [
        ("gitlab", "GET", f"/pipelines/{SHORT}/jobs$", 503),
        ("gitlab", "GET", f"/runners/{RUNNER}/jobs$", 500),
        ("gitlab", "PUT", f"/runners/{RUNNER}$", 502),
        ("kubernetes", "GET", f"{PODS}$", 503),
        ("kubernetes", "DELETE", f"{PODS}/", 500),
    ],
    ids=["jobs", "running jobs", "pause", "pods", "delete"],
)
def test_an_api_fails_in_the_middle(
    short: Lab, pyinfra: Pyinfra, system: str, method: str, path: str, status: int
) -> None:
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    short.fault(
        system=system, method=method, path=path, action="status", status=status, times=2, skip=1
    )
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert str(status) in output
    assert "does not poll" not in output  # It was tried again at once.
    assert set(statuses(short, SHORT).values()) == {"success"}
    assert is_free(short)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_the_answer_to_a_write_is_lost(short: Lab, pyinfra: Pyinfra, method: str) -> None:
    system = "gitlab" if method == "PUT" else "kubernetes"
    short.fault(system=system, method=method, action="apply_then_reset", times=2)
    output = converges(short, pyinfra)
    assert "but it was done (read again)" in output
    assert replacements(short) == len(JOBS)
