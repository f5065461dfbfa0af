"""deploys/fix_tags.py: what is refused before the first write, and what is no proven state."""

import subprocess
from contextlib import suppress

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import ALERT, RELAXED, TAGS, is_ready, wait_for

HOLD = ("--data", "tag_verification_seconds=9", "--data", "tag_verification_interval=0.5")
BACKGROUND = "/admin/batched_background_migrations"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("tag_repair=requeu", "tag_repair is requeue, force-copy or none, not 'requeu'"),
        ("allow_tag_removal=maybe", "allow_tag_removal is true or false, not 'maybe'"),
        ("rerun_migration=1", "rerun_migration is true or false, not '1'"),
        (
            "tag_verification_seconds=5m",
            "tag_verification_seconds is a number greater than 0, not '5m'",
        ),
        (
            "tag_verification_interval=0",
            "tag_verification_interval is a number greater than 0, not '0'",
        ),
        ("migration_timeout=abc", "migration_timeout is a number greater than 0, not 'abc'"),
        ("enforcer_token_variable=TOKEN", "sets no variable TOKEN"),
        ("enforcer_ca_file=/no/such/file", "enforcer_ca_file cannot be read"),
    ],
)
def test_bad_settings_are_refused_before_the_first_write(
    lab: Lab, pyinfra: Pyinfra, data: str, message: str
) -> None:
    code, output = pyinfra.deploy("fix_tags", "-y", "--data", data)
    assert code == 1
    assert message in output
    assert "Traceback" not in output
    assert lab.mutations() == []


def test_the_version_is_refused_before_the_first_write(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", gitlab_version="17.10.1")
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "17.10.1 has other tables" in output
    assert "Traceback" not in output
    assert lab.mutations() == []


def test_a_removal_is_refused_before_the_first_write(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=17, tags=["extra"])
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "this would take away {extra}" in output
    assert lab.mutations() == []


def test_a_runner_with_another_name_is_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="describe_runner", runner=17, description="another")
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "@gitlab/runners/17 is 'another' in GitLab, and 'k8s-runner-4' in the" in output
    assert lab.mutations() == []


def test_two_runners_with_one_name_are_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="register_runner", runner=99, description="k8s-runner-4")
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "runners [17, 99] are all called 'k8s-runner-4'" in output
    assert lab.mutations() == []


def test_an_error_while_executing_is_one_line(lab: Lab, pyinfra: Pyinfra) -> None:
    forbidden = {"message": "403 Forbidden"}
    lab.fault(
        system="gitlab", method="GET", path="/runners/9$", action="status", status=403,
        body=forbidden, times=-1,
    )  # fmt: skip
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "@gitlab/runners/9: its state could not be read" in output
    assert "Traceback" not in output
    assert lab.enforcer() == ALERT


def test_an_enforcer_that_was_resumed_meanwhile_refutes_the_proof(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    # Far more than what passes between two fires, on a busy machine, too.
    lab.fault(action="set", repair_works=False, loss_delay=7)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", *HOLD)
    wait_for(lambda: lab.enforcer()[1])
    lab.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": False}})
    output = None
    while output is None:
        lab.fault(action="fire_cronjob")
        with suppress(subprocess.TimeoutExpired):
            output, _ = process.communicate(timeout=0.3)
    assert process.returncode == 1, output
    assert "somebody changed the CronJob while it was to be suspended" in output
    assert lab.enforcer() == ALERT


def test_one_that_was_resumed_right_after_it_was_suspended_is_seen(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    resume = {"action": "patch_object", "kind": "CronJob", "patch": {"spec": {"suspend": False}}}
    lab.fault(
        system="kubernetes", method="PATCH", path="/cronjobs/runner-tag-enforcer$", mutating=True,
        skip=2, action="then", then=resume,
    )  # fmt: skip
    code, output = pyinfra.run("inventory.py", "deploys/fix_tags.py", "-y", *HOLD)
    assert code == 1, output
    assert (
        "left:     @kubernetes/gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer: somebody"
        in output
    )
    assert (
        "Prove that the tags last" not in output.partition("--> Starting")[2].partition("Failed")[0]
    )


def test_a_migration_that_did_not_end_is_no_proven_state(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", rake_up=3)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: lab.rake("down"))
    lab.fault(action="replace_pod", pod="toolbox")
    process.communicate(timeout=LIMIT)
    # By hand, somebody makes it look as if all was done.
    lab.fault(action="set", loss_delay=3600)
    for number, tags in TAGS.items():
        lab.fault(action="set_tags", runner=number, tags=sorted(tags))
    relaxed = {"spec": {"schedule": RELAXED[0], "suspend": RELAXED[1]}}
    lab.fault(action="patch_object", kind="CronJob", patch=relaxed)
    assert lab.state()["gitlab"]["migrations"]["20241219100359"] == "down"
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert lab.state()["gitlab"]["migrations"]["20241219100359"] == "up"
    assert lab.rake("up")


def test_the_migration_runs_again_when_that_is_asked_for(lab: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.deploy("fix_tags", "-y")
    code, output = pyinfra.deploy("fix_tags", "-y", "--data", "rerun_migration=true")
    assert code == 0, output
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [2, 2]


def test_another_background_migration_proves_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    """An older GitLab ignores the filter by class, and answers with migrations of others."""
    lab.fault(action="set", rake_boot=3)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: lab.mutations())
    process.kill()
    process.communicate()
    lab.fault(action="replace_pod", pod="toolbox")
    wait_for(lambda: is_ready(lab, "gitlab-toolbox"))
    other = {"id": 99, "job_class_name": "Other", "created_at": "2099-01-01T00:00:00.000Z"}
    lab.fault(
        system="gitlab", method="GET", path=BACKGROUND, action="status", status=200, body=[other],
        times=-1,
    )  # fmt: skip
    lab.fault(action="set", rake_boot=0.3)
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]
