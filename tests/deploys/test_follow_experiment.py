"""deploys/follow_experiment.py: the runner's pod is replaced after each job, never during one."""

import json
import time

import pytest
from experiment_site import (
    JOB_SECONDS,
    JOBS,
    NOTE,
    PODS,
    RUNNER,
    SHORT,
    converges,
    in_the_middle,
    is_free,
    pod,
    pod_name,
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


def forbid_deletion(lab: Lab) -> None:
    """Let no pod be deleted, as when the API is under maintenance."""
    wait_for(lambda: statuses(lab, SHORT)[JOBS[0]] == "success")
    lab.fault(system="kubernetes", method="DELETE", action="status", status=409, times=-1)


def finish(lab: Lab, *jobs: str) -> None:
    for job in jobs:
        lab.fault(action="finish_job", job=job)


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
    # Reading again whether a write was done takes longer than a runner may be silent here.
    code, output = pyinfra.deploy("follow_experiment", "-y", STALLED_SECONDS="60")
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


def test_without_the_right_to_delete_pods_it_ends_at_once(short: Lab, pyinfra: Pyinfra) -> None:
    short.fault(action="deny", verb="delete", resource="pods")
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 1
    assert "403" in output
    assert sent(short)[-3:] == [
        f"PUT /runners/{RUNNER}",
        f"DELETE {PODS}/{pod_name(short)}",
        f"PUT /runners/{RUNNER}",
    ]
    assert is_free(short)


@pytest.mark.parametrize("status", ["running", "canceling"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_it_asks_for_jobs_on_the_runner_before_and_after_the_pause(
    short: Lab, pyinfra: Pyinfra, status: str, moment: str
) -> None:
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    before = pod(short)
    skip = 2 * (moment == "after") + (status == "canceling")
    busy = [{"id": 1, "name": "build-k8s", "status": status}]
    short.fault(
        system="gitlab", method="GET", path=f"/runners/{RUNNER}/jobs$", action="status",
        status=200, body=busy, skip=skip,
    )  # fmt: skip
    since = now(short)
    process = start(pyinfra)
    wait_for(lambda: pod(short) != before)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert f"not replaced: job build-k8s is {status} on it. It is tried again." in output
    steps = [line.partition(" ")[0] for line in sent(short, since)]
    once = ["PUT", "DELETE", "PUT"]
    assert steps == ["PUT", "PUT"] * (moment == "after") + once * len(JOBS)


def test_a_pod_that_is_gone_already_counts_as_deleted(short: Lab, pyinfra: Pyinfra) -> None:
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    short.fault(action="set_tags", runner=RUNNER, tags=["kubernetes"])  # It takes no job now.
    name = pod_name(short)
    old = short.object("Pod", name)
    short.fault(action="replace_pod", pod="gitlab-runner-4")
    short.fault(
        system="kubernetes", method="GET", path=f"{PODS}$", action="status", status=200,
        body={"items": [old]}, times=2,
    )  # fmt: skip
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    assert f"DELETE {PODS}/{name}" in sent(short)
    assert "not replaced" not in output


def test_the_end_waits_for_the_last_replacement(short: Lab, pyinfra: Pyinfra) -> None:
    """The pipeline is over, and the pod of its last job is still there."""
    forbid_deletion(short)
    since = now(short)
    process = start(pyinfra)
    wait_for(lambda: "DELETE" in str(sent(short, since)))
    finish(short, *JOBS[1:])
    over = now(short)
    # The second one was decided on after the end of the pipeline.
    wait_for(lambda: str(sent(short, over)).count("DELETE") >= 2)
    assert process.poll() is None
    short.ask("/faults", method="DELETE")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert output.count("not replaced: ") == 1  # It was tried more often than said.
    assert output.index("replaced, and it polls") < output.index(f"pipeline {SHORT} is over")
    assert is_free(short)


def test_a_last_replacement_that_fails_until_the_end_is_no_success(
    short: Lab, pyinfra: Pyinfra
) -> None:
    forbid_deletion(short)
    since = now(short)
    process = start(pyinfra, "--data", "follow_seconds=6")
    wait_for(lambda: "DELETE" in str(sent(short, since)))
    finish(short, *JOBS[1:])
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    text = f"pipeline {SHORT} is over, but after 6 s the pod of runner {RUNNER} is not replaced"
    assert f"{text} after its last job, {JOBS[0]}: " in output
    assert f"To go on: --data pipeline={SHORT}" in output
    assert is_free(short)
    short.ask("/faults", method="DELETE")
    before = pod(short)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", f"pipeline={SHORT}")
    assert code == 0, output
    assert pod(short) != before
    since = now(short)
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", f"pipeline={SHORT}")
    assert code == 0, output
    assert sent(short, since) == []


def test_it_waits_for_a_pod_no_longer_than_it_is_told_to_follow(
    short: Lab, pyinfra: Pyinfra
) -> None:
    short.fault(action="never_ready", label="app=gitlab-runner-4")
    began = time.monotonic()
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "follow_seconds=6")
    assert code == 1, output
    assert time.monotonic() - began < LIMIT  # 300 s are given to a pod.
    assert f"pipeline {SHORT} is not over after 6 s. Run again to go on." in output
    assert is_free(short)


def test_what_waits_for_lost_tags_is_named(short: Lab, pyinfra: Pyinfra) -> None:
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    short.fault(action="set_tags", runner=RUNNER, tags=["kubernetes"])
    short.fault(action="replace_pod", pod="gitlab-runner-4")
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "follow_seconds=11")
    assert code == 1
    assert f" of 11 s: {JOBS[1]} waits: runner {RUNNER} lacks experiment" in output
    assert output.rindex(f"{JOBS[1]} waits: runner") > output.index("is not over after 11 s")


def test_it_goes_on_while_a_job_waits_for_a_resource(short: Lab, pyinfra: Pyinfra) -> None:
    """What is left besides, no runner can take; `stalled_seconds` are over before that."""
    wait_for(lambda: statuses(short, SHORT)[JOBS[0]] == "success")
    someone(short, "PUT", f"/runners/{RUNNER}", {"paused": True, "maintenance_note": "Tom"})
    jobs = someone(short, "GET", f"{PROJECT}/pipelines/{SHORT}/jobs")
    for job in jobs:
        if job["name"] == JOBS[2]:
            job["status"] = "waiting_for_resource"
    short.fault(
        system="gitlab", method="GET", path=f"/pipelines/{SHORT}/jobs$", action="status",
        status=200, body=jobs, times=-1,
    )  # fmt: skip
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "follow_seconds=11")
    assert code == 1
    assert f"{JOBS[2]} is waiting_for_resource" in output
    assert "no runner can take" not in output
    assert f"pipeline {SHORT} is not over after 11 s. Run again to go on." in output


def test_a_pipeline_that_is_triggered_by_an_earlier_operation_is_followed(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    set_all_tags(lab, job_seconds=600)
    cancel(lab, LIVE, ACTIVE)
    deploy = pyinfra.write(
        """
from ops.site.job import job

from pyinfra import host
from ops.gitlab import pipelines

if "project" in host.groups:
    pipelines.complete(
        name="Trigger", ref="development", jobs=host.data.pipeline_jobs
    )
job("follow_experiment")
"""
    )
    code, output = pyinfra.run("inventory.py", deploy, "-y", "--data", "follow_seconds=1")
    assert code == 1, output
    assert f"pipeline {LIVE + 1} is not over after 1 s" in output


def test_without_a_live_pipeline_there_is_nothing_to_do(lab: Lab, pyinfra: Pyinfra) -> None:
    cancel(lab, LIVE, ACTIVE)
    before = now(lab)
    for mode in ("--dry", "-y"):
        code, output = pyinfra.deploy("follow_experiment", mode)
        assert code == 0, output
        assert "no pipeline of development is active: nothing to do" in output
    assert sent(lab, before) == []


def test_another_pipeline_is_followed_on_demand(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("follow_experiment", "--dry", "--data", f"pipeline={ACTIVE}")
    assert code == 0, output
    assert f"would follow pipeline {ACTIVE} for at most" in output
    code, output = pyinfra.deploy("follow_experiment", "-y", "--data", "pipeline=7999")
    assert code == 1, output
    assert "has no pipeline 7999" in output
    assert lab.mutations() == []


def test_a_limit_to_the_project_is_enough(short: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("follow_experiment", "-y", "--limit", "project")
    assert code == 0, output
    assert replacements(short) == len(JOBS)
