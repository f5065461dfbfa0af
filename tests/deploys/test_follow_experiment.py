"""deploys/follow_experiment.py: the pipeline to its end, and the runner's pod after each job."""

import json

import pytest
from experiment_site import (
    JOB_SECONDS,
    JOBS,
    NOTE,
    RUNNER,
    SHORT,
    finish,
    in_the_middle,
    is_free,
    pod,
    replacements,
    start,
)
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
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
)
from record_files import observed


def test_the_preview_says_what_it_would_do_and_does_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("follow_experiment", "--dry")
    assert code == 0, output
    assert lab.mutations() == []
    assert "build: 4/7 done, 3 pending" in output
    assert f"would follow pipeline {LIVE} for at most 14400 s\n" in output
    assert "after each experiment job, 11 times, for runner 17:\n" in output
    assert "pause it, delete its pod (app=gitlab-runner-4, grace period 5 s),\n" in output


def test_the_whole_pipeline_is_followed_to_its_end(lab: Lab, pyinfra: Pyinfra) -> None:
    """A job whose pod is deleted while it runs fails, so success shows that none was."""
    set_all_tags(lab, job_seconds=JOB_SECONDS)
    someone(lab, "PUT", f"/runners/{RUNNER}", {"maintenance_note": NOTE})
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert lab.pipelines()[LIVE]["status"] == "success"
    assert f"pipeline {LIVE} is over" in output
    ran_here = [job for job in lab.jobs(LIVE).values() if job["runner"] == RUNNER]
    assert len(ran_here) >= 11  # two are started by hand
    assert {job["status"] for job in ran_here} == {"success"}
    assert replacements(lab) == len(ran_here)
    assert is_free(lab)
    [pipeline] = observed(pyinfra)["pipelines"]
    jobs = {job["name"]: job for job in pipeline["jobs"]}
    assert (pipeline["id"], jobs.keys()) == (LIVE, lab.jobs(LIVE).keys())
    for name, job in lab.jobs(LIVE).items():
        assert (jobs[name]["stage"], jobs[name]["status"]) == (job["stage"], job["status"])
        assert (jobs[name]["ended"] is None) == (job["status"] == "manual")
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
    output, _ = process.communicate(timeout=LIMIT)
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
    assert f"not replaced: job {JOBS[1]} is running on it. It is tried again." in output
    assert replacements(short) == 0
    assert pod(short) == before
    assert statuses(short, SHORT)[JOBS[1]] == "running"
    assert pending(short, other) == {JOBS[0]}
    assert is_free(short)


def test_started_again_it_does_not_replace_the_pod_once_more(short: Lab, pyinfra: Pyinfra) -> None:
    process = in_the_middle(short, pyinfra)
    short.fault(action="set", job_seconds=600)
    wait_for(lambda: statuses(short, SHORT)[JOBS[1]] == "running")
    kill(process)
    before = now(short)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "follow_seconds=1")
    assert code == 1, output
    assert sent(short, before) == []


def test_a_pod_that_does_not_become_ready_is_reported_and_tried_again(
    short: Lab, pyinfra: Pyinfra
) -> None:
    short.fault(action="never_ready", label="app=gitlab-runner-4")
    process = start(pyinfra, "--data", "runner_ready_seconds=2")
    wait_for(lambda: "DELETE" in str(sent(short)) and is_free(short))
    assert replacements(short) == 1
    short.ask("/faults", method="DELETE")
    short.fault(action="replace_pod", pod="gitlab-runner-4")
    output, _ = process.communicate(timeout=LIMIT)
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


def test_a_pipeline_of_the_head_that_has_failed_is_no_success_of_a_later_run(
    short: Lab, pyinfra: Pyinfra
) -> None:
    """What comes after it in deploys/site.py would move master to a failed experiment."""
    short.fault(action="fail_job", job=JOBS[1])
    complete = ("--data", f"pipeline_jobs={json.dumps(JOBS)}")
    code, output = pyinfra.deploy("follow_experiment", "-y", *complete)
    assert code == 1, output
    both = pyinfra.write("""
from ops.site.job import job

job("follow_experiment")
job("sync_master")
""")
    before = now(short)
    for mode in ("--dry", "-y"):
        code, output = pyinfra.run("inventory.py", both, mode, *complete)
        assert code == 1, output
        text = f"pipeline {SHORT} of the head has failed: {JOBS[1]}. Retry it in GitLab, then run"
        assert text in " ".join(output.split())
    assert sent(short, before) == []
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", f"pipeline={SHORT}")
    assert code == 1, output
    assert f"pipeline {SHORT} has failed: {JOBS[1]}. Retry it in GitLab" in output
    someone(short, "POST", f"{PROJECT}/pipelines/{SHORT}/retry")
    for job in JOBS[1:]:
        finish(short, job)
    code, output = pyinfra.run("inventory.py", both, "-y", *complete)
    assert code == 0, output
    head = short.heads("gitlab")["development"]
    assert {short.heads(remote)["master"] for remote in ("gitlab", "github")} == {head}


@pytest.mark.parametrize(("fails", "expected"), [(False, 0), (True, 1)])
def test_a_failed_job_is_no_success_although_another_one_waits_in_vain(
    lab: Lab, pyinfra: Pyinfra, fails: bool, expected: int
) -> None:
    """In deploys/site.py it is no error that no runner can take what is left: 10 is paused."""
    set_all_tags(lab, job_seconds=JOB_SECONDS)
    cancel(lab, LIVE, ACTIVE)
    lab.fault(action="replace_pod", pod="gitlab-runner-4")
    if fails:
        lab.fault(action="fail_job", job=JOBS[0])
    files = {
        CI_FILE: f"""
{JOBS[0]}:
  tags: [kubernetes, experiment]
  script: [measure]
build-linux-riscv:
  tags: [riscv64, linux]
  script: [build]
"""
    }
    lab.fault(action="commit", remote="gitlab", branch="development", files=files)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "stalled_is_error=false")
    assert code == expected, output
    assert "nobody: 10 node8-linux-riscv is paused" in output
    assert (f"failed: {JOBS[0]}; canceled: -" in output) is fails
