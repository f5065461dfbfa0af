"""`@pod` where its labels find more than the pod that is meant."""

from typing import Any

import pytest
from lab_process import Lab, Pyinfra

TOOLBOX = "@pod/gitlab/app=toolbox"
LABELS = {"app": "toolbox", "release": "gitlab"}
LATER = "2099-01-01T00:00:00Z"
# What GitLab's chart makes each night: its pod has the labels of the toolbox.
BACKUP = {
    "prefix": "gitlab-toolbox-backup-29401920",
    "namespace": "gitlab",
    "labels": LABELS,
    "container": "toolbox-backup",
    "owner": "Job",
    "created": LATER,
}


def toolbox(lab: Lab) -> str:
    [name] = [name for name in lab.state()["pods"] if "toolbox" in name and "backup" not in name]
    return name


def hostname(pyinfra: Pyinfra, host: str = TOOLBOX) -> tuple[int, str]:
    command = ("--", "sh -c 'echo in-$HOSTNAME-'")
    return pyinfra.run(host, "exec", "--data", "kubernetes_via=", *command)


def containers(lab: Lab) -> set[str]:
    """The containers in which something was executed."""
    asked: list[dict[str, Any]] = [r for r in lab.requests() if r["method"] == "EXEC"]
    return {str(r["query"]["container"]) for r in asked}


def test_a_pod_of_a_job_is_not_meant(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="add_pod", **BACKUP)
    code, output = hostname(pyinfra)
    assert code == 0, output
    assert f"in-{toolbox(lab)}-" in output
    assert f"pod {toolbox(lab)}; left out: {BACKUP['prefix']}-" in output
    assert f"(made by Job {BACKUP['prefix']})" in output


def test_of_two_that_are_ready_the_newest_is_said(lab: Lab, pyinfra: Pyinfra) -> None:
    old = toolbox(lab)
    second = {"prefix": "second", "namespace": "gitlab", "labels": LABELS, "container": "toolbox"}
    lab.fault(action="add_pod", **second, created=LATER)
    code, output = hostname(pyinfra)
    assert code == 0, output
    assert "in-second-" in output
    assert f"; not the older {old}" in output


def test_one_that_is_not_ready_and_one_that_ends_are_left_out(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", pod_grace_seconds=3600)
    old = toolbox(lab)
    lab.fault(action="replace_pod", pod="toolbox", grace=30)
    lab.fault(action="never_ready", label="app=toolbox")
    unready = {"prefix": "unready", "namespace": "gitlab", "labels": LABELS, "container": "toolbox"}
    lab.fault(action="add_pod", **unready, ready=False, created=LATER)
    lab.wait(lambda: hostname(pyinfra)[0] == 0)
    code, output = hostname(pyinfra)
    assert code == 0, output
    assert f"in-{old}-" not in output
    assert f"{old} (being deleted, until 20" in output
    assert "(not Ready: Pending)" in output


def test_where_none_is_left_each_is_named_before_the_first_write(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", pod_grace_seconds=3600, pod_ready_seconds=3600)
    lab.fault(action="add_pod", **BACKUP)
    old = toolbox(lab)
    lab.fault(action="replace_pod", pod="toolbox", grace=30)
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    [line] = [line for line in output.splitlines() if "no pod is ready with app=toolbox" in line]
    for part in (f"{old} (being deleted", "(not Ready: Pending)", "(made by Job gitlab-toolbox-b"):
        assert part in line
    assert "Traceback" not in output
    assert lab.mutations() == []


@pytest.mark.parametrize(
    ("annotation", "host", "container", "words"),
    [
        ("main", TOOLBOX, "main", "default-container says so"),
        ("main", f"{TOOLBOX}/proxy", "proxy", ""),
        ("", TOOLBOX, "proxy", "the first one, for none is named"),
    ],
)
def test_of_several_containers_it_is_the_one_that_kubectl_takes(
    lab: Lab, pyinfra: Pyinfra, annotation: str, host: str, container: str, words: str
) -> None:
    notes = {"kubectl.kubernetes.io/default-container": annotation} if annotation else {}
    two = {"prefix": "two", "namespace": "gitlab", "labels": LABELS, "annotations": notes}
    lab.fault(
        action="add_pod", **two, container="proxy", sidecars=["main"], created=LATER
    )  # fmt: skip
    code, output = hostname(pyinfra, host)
    assert code == 0, output
    assert containers(lab) == {container}
    assert words in output
    assert ("container proxy of" in output) or container != "proxy" or not words


def test_a_container_that_there_is_not(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = hostname(pyinfra, f"{TOOLBOX}/rails")
    assert code == 1
    assert "has no container rails; it has toolbox" in output
    assert "Traceback" not in output
