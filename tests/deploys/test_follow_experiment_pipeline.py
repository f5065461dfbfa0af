"""deploys/follow_experiment.py: which pipeline is followed, and what waits in it."""

from experiment_site import (
    JOBS,
    RUNNER,
    SHORT,
    replacements,
)
from lab_process import Lab, Pyinfra
from moments import wait_for
from pipeline_site import (
    ACTIVE,
    LIVE,
    PROJECT,
    cancel,
    now,
    sent,
    set_all_tags,
    someone,
    statuses,
)


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
