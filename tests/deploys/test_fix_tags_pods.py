"""deploys/fix_tags.py while the pod of the toolbox goes, and the migration in it does not."""

from collections.abc import Callable

import pytest
from cluster import Cluster
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import RELAXED, TAGS, is_ready, kill, wait_for

pytestmark = pytest.mark.long

HOUR = 3600


def calls(lab: Lab) -> list[tuple[str, str, str]]:
    return [(call["pod"], call["task"], call["state"]) for call in lab.state()["rake"]]


def toolbox(lab: Lab) -> str:
    [name] = [name for name in lab.state()["pods"] if name.startswith("gitlab-toolbox")]
    return name


def killed_during_the_status(lab: Lab, pyinfra: Pyinfra) -> str:
    """Kill a run while gitlab-rake boots for ever; return the pod in which that goes on."""
    lab.fault(action="set", rake_boot=HOUR, pod_grace_seconds=HOUR)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: calls(lab))
    kill(process)
    return toolbox(lab)


def end_by_force(lab: Lab, cluster: Cluster, pod: str) -> None:
    path = cluster.path("pods", "gitlab", pod)
    cluster.request("DELETE", path, {"gracePeriodSeconds": 0})
    assert pod not in lab.state()["pods"]


def converges(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", rake_boot=0.1)
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert lab.tags() == TAGS
    assert lab.enforcer() == RELAXED
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]
    sent = len(lab.mutations())
    assert pyinfra.deploy("fix_tags", "-y")[0] == 0
    assert len(lab.mutations()) == sent


LOSSES: dict[str, tuple[Callable[[Lab], None], str]] = {
    "it is being deleted": (
        lambda lab: lab.fault(action="replace_pod", pod="toolbox", grace=30),
        "it still runs in pod {pod} (being deleted, until 20",
    ),
    "its node does not answer": (
        lambda lab: lab.fault(action="lose_node", pod="toolbox"),
        "it may still run in pod {pod} (being deleted, until 20",
    ),
}


@pytest.mark.parametrize("case", LOSSES)
def test_no_second_job_while_the_first_may_run_in_a_pod_that_goes(
    lab: Lab, cluster: Cluster, pyinfra: Pyinfra, case: str
) -> None:
    lose, words = LOSSES[case]
    old = killed_during_the_status(lab, pyinfra)
    lose(lab)
    wait_for(lambda: len(lab.state()["pods"]) > 0 and has_ready_successor(lab, old))
    before, ran = lab.mutations(), calls(lab)
    for arguments in (("--dry",), ("-y",)):
        code, output = pyinfra.deploy("fix_tags", *arguments)
        assert code == 1, output
        assert f"job migration-requeue is not started, for {words.format(pod=old)}" in output
        assert "Run again when that pod is gone" in output
        assert "Traceback" not in output
        assert lab.mutations() == before
        assert calls(lab) == ran
    end_by_force(lab, cluster, old)
    converges(lab, pyinfra)


def has_ready_successor(lab: Lab, old: str) -> bool:
    pods = [
        entry["object"]
        for entry in lab.state()["kubernetes"]["objects"]
        if entry["kind"] == "Pod" and entry["name"].startswith("gitlab-toolbox")
    ]
    new = [pod for pod in pods if pod["metadata"]["name"] != old]
    return bool(new) and new[0]["status"]["conditions"][0]["status"] == "True"


def test_the_run_that_waits_says_where_the_job_is_when_its_node_is_lost(
    lab: Lab, cluster: Cluster, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", rake_boot=HOUR)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: calls(lab))
    old = toolbox(lab)
    lab.fault(action="lose_node", pod="toolbox")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert f"job migration-requeue is out of reach: it may still run in pod {old}" in output
    assert {pod for pod, _, _ in calls(lab)} == {old}
    end_by_force(lab, cluster, old)
    wait_for(lambda: is_ready(lab, "gitlab-toolbox"))
    converges(lab, pyinfra)


def test_a_job_goes_on_in_a_pod_that_is_being_deleted_and_is_followed_there(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", rake_boot=HOUR, pod_grace_seconds=HOUR)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: calls(lab))
    old = toolbox(lab)
    lab.fault(action="replace_pod", pod="toolbox", grace=30)
    lab.fault(action="set", rake_boot=0.1)
    lab.fault(action="advance", seconds=HOUR)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert {pod for pod, _, _ in calls(lab)} == {old}
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]


def test_the_migration_does_not_run_in_the_pod_of_the_backup(lab: Lab, pyinfra: Pyinfra) -> None:
    expected = toolbox(lab)
    backup = {"prefix": "gitlab-toolbox-backup-1", "labels": {"app": "toolbox"}, "owner": "Job"}
    lab.fault(
        action="add_pod", namespace="gitlab", container="toolbox", created="2099-01-01T00:00:00Z",
        **backup,
    )  # fmt: skip
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert {pod for pod, _, _ in calls(lab)} == {expected}
    assert "(made by Job gitlab-toolbox-backup-1)" in output
