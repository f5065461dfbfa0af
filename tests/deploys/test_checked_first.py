"""Each job with `-y`: what a later step would refuse is found before the first step writes.

pyinfra itself leaves that out with `-y`. The lab is asked how often it was told to change anything.
"""

import pytest
from experiment_site import RUNNER, in_the_middle
from kafka_config_site import JSON_FILE
from lab_process import Lab, Pyinfra
from moments import kill
from pipeline_site import someone
from rbac_site import NAME
from remotes import somebody_commits

ENFORCER = "/cronjobs/runner-tag-enforcer"
SAVE = """
from pyinfra import host
from ops.gitlab import snapshot

if "gitlab" in host.groups:
    snapshot.runners(name="Save the settings", directory="{}/snapshots")
"""
BRANCH = "/repository/branches/development$"


def refused(lab: Lab, pyinfra: Pyinfra, job: str, words: str, *arguments: str) -> str:
    """Run a job that something refuses; return what it said. It has changed nothing."""
    state = lab.state()["rake"]
    before = len(lab.mutations())
    code, output = pyinfra.deploy(job, "-y", *arguments)
    assert code == 1, output
    assert words in output
    assert "Beginning operation run" not in output
    assert "Traceback" not in output
    assert lab.mutations()[before:] == []
    assert lab.state()["rake"] == state
    return output


def always(lab: Lab, system: str, method: str, path: str, status: int) -> None:
    lab.fault(system=system, method=method, path=path, action="status", status=status, times=-1)


def test_fix_tags_where_the_api_refuses_to_suspend_the_enforcer(lab: Lab, pyinfra: Pyinfra) -> None:
    always(lab, "kubernetes", "PATCH", ENFORCER, 422)
    refused(
        lab, pyinfra, "fix_tags", f"PATCH /apis/batch/v1/namespaces/gitlab-runner{ENFORCER} -> 422"
    )


DEPLOY = """
from pyinfra import host
from ops.gitlab import runners
from ops.kubernetes import cron_jobs

if host.name == "@gitlab/runners/6":
    runners.runner(name="Pause a runner", paused=True)
if host.name == "@gitlab/runners/17":
    runners.runner(name="Set the tags of another one", tags={tags})
if "enforcer" in host.groups:
    cron_jobs.suspension(name="Suspend the enforcer", schedule={schedule!r}, suspend=False)
"""


@pytest.mark.parametrize(
    ("tags", "schedule", "words"),
    [
        (["a,b"], "* * * * *", "'a,b' is no tag: it has a comma, where GitLab ends one"),
        (["a"], "every minute", 'Invalid value: "every minute"'),
    ],
    ids=["a tag", "a schedule"],
)
def test_a_deploy_of_ones_own(
    lab: Lab, pyinfra: Pyinfra, tags: list[str], schedule: str, words: str
) -> None:
    """The schedule is the one to go back to: refused at the end, it would stay suspended."""
    deploy = pyinfra.write(DEPLOY.format(tags=tags, schedule=schedule))
    code, output = pyinfra.run("inventory.py", deploy, "-y")
    assert code == 1, output
    assert words in output
    assert lab.mutations() == []


def test_kafka_config_where_the_branch_cannot_be_read(lab: Lab, pyinfra: Pyinfra) -> None:
    """Only the commit asks for it: the ConfigMap would have been set."""
    always(lab, "gitlab", "GET", BRANCH, 403)
    refused(lab, pyinfra, "kafka_config", "/repository/branches/development -> 403")


def test_experiment_rbac_where_the_api_refuses_the_binding(bare: Lab, pyinfra: Pyinfra) -> None:
    """The role comes before it."""
    always(bare, "kubernetes", "PATCH", f"/rolebindings/{NAME}$", 422)
    refused(bare, pyinfra, "experiment_rbac", f"/rolebindings/{NAME} -> 422")


def test_unblock_pipeline_of_a_pipeline_that_is_not_there(lab: Lab, pyinfra: Pyinfra) -> None:
    """The tags would have been set."""
    refused(lab, pyinfra, "unblock_pipeline", "has no pipeline 999999", "--data", "pipeline=999999")


def test_follow_experiment_of_a_pipeline_that_is_not_there(short: Lab, pyinfra: Pyinfra) -> None:
    kill(in_the_middle(short, pyinfra))
    refused(short, pyinfra, "follow_experiment", "no pipeline 999999", "--data", "pipeline=999999")
    assert short.runners()[RUNNER]["paused"]


def test_restore_runners_where_one_of_them_has_tags_to_lose(lab: Lab, pyinfra: Pyinfra) -> None:
    """The other runners would have been set at the same time."""
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=17, tags=["experiment"])
    code, output = pyinfra.run("inventory.py", pyinfra.write(SAVE.format(pyinfra.directory)), "-y")
    assert code == 0, output
    lab.fault(action="set_tags", runner=17, tags=["experiment", "more"])
    someone(lab, "PUT", "/runners/6", {"maintenance_note": "another"})
    snapshot = ("--data", f"snapshot={pyinfra.directory}/snapshots")
    refused(lab, pyinfra, "restore_runners", "this would take away {more}", *snapshot)


def test_the_site_where_a_later_job_is_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    """Its first job is the migration of a database."""
    somebody_commits(lab, JSON_FILE, "{oops")
    refused(lab, pyinfra, "site", f"{JSON_FILE} is no JSON: line 1")
