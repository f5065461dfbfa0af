"""deploys/follow_experiment.py: lost answers, missing rights, and pods that do not come."""

import time

import pytest
from experiment_site import (
    JOBS,
    PODS,
    RUNNER,
    SHORT,
    converges,
    finish,
    is_free,
    pod,
    pod_name,
    replacements,
    start,
)
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for
from pipeline_site import (
    now,
    sent,
    statuses,
)


def forbid_deletion(lab: Lab) -> None:
    """Let no pod be deleted, as when the API is under maintenance."""
    wait_for(lambda: statuses(lab, SHORT)[JOBS[0]] == "success")
    lab.fault(system="kubernetes", method="DELETE", action="status", status=409, times=-1)


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
    # What reads goes wrong after the first pause: before it is the preparation.
    moment = {"after": f"PUT .*/runners/{RUNNER}$"} if method == "GET" else {"skip": 1}
    short.fault(
        system=system, method=method, path=path, action="status", status=status, times=2, **moment
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
        body={"items": [old]}, times=3,  # Prepared, executed, and looked at before it goes.
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
