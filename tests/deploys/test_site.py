"""deploys/site.py: all jobs, from the broken site to the one that site.md describes."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from lab_process import Lab, Pyinfra
from moments import RELAXED, TAGS, kill, wait_for
from pipeline_site import (
    CI_FILE,
    jobs_of,
    now,
    sent,
    statuses,
    text_of,
)  # fmt: skip
from rbac_site import NAMESPACES, SUBJECT

pytestmark = pytest.mark.long

ORDER = (
    "fix_tags", "ci_variables", "experiment_rbac", "widen_changes_filter", "kafka_config",
    "pipelines", "unblock_pipeline", "follow_experiment", "verify_kafka_sasl",
    "revert_super_users", "sync_master",
)  # fmt: skip
KAFKA = {"port": 9094, "user": "dedup-lab", "password": ""}
FILTER = {"k8s/**/*", "src/cpp/config.example.json", "scripts/reset/**/*"}


@pytest.fixture
def quick(unbound: Lab, pyinfra: Pyinfra) -> Lab:
    """The broken site, where everything takes little time; proofs are kept for one test.

    Nobody has rights in all namespaces, so that every job has something to do.
    """
    lab = unbound
    lab.fault(
        action="set", job_seconds=1.1, rake_boot=0.1, rake_down=0.1, rake_up=0.1,
        kafka_roll_seconds=0.1, push_seconds=2,
    )  # fmt: skip
    pyinfra.environment |= {
        "TAG_VERIFICATION_SECONDS": "3",
        "EVIDENCE_DIRECTORY": str(pyinfra.directory / "evidence"),
        "SNAPSHOT_DIRECTORY": str(pyinfra.directory / "snapshots"),
    }
    return lab


def run(pyinfra: Pyinfra) -> str:
    code, output = pyinfra.run("inventory.py", "deploys/site.py", "-y")
    assert code == 0, output
    return output


def kafka(settings: str) -> Mapping[str, Any]:
    document = json.loads(settings)
    [values] = [one for one in document["databases"] if one["system"] == "kafka"]
    assert document["metrics_trace"]["kafka_bootstrap"].endswith(".svc.cluster.local:9094")
    return {name: values[name] for name in KAFKA}


def assert_is_repaired(lab: Lab) -> None:
    """Jobs 1 to 11 of site.md, whatever pipelines there are."""
    assert lab.tags() == TAGS
    assert lab.enforcer() == RELAXED
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]

    state = lab.state()
    assert state["kafka"]["super_users"] == []
    assert state["kafka"]["ready"]
    variables = {v["key"]: v for v in state["project"]["variables"]}
    for name, value in lab.environment.items():
        if name.startswith("DEDUP_"):
            assert variables[name]["masked"], name
            assert variables[name]["digest"] == hashlib.sha256(value.encode()).hexdigest(), name

    rules = lab.object("ClusterRole", "experiment-reset-access")["rules"]
    assert any(rule["resources"] == ["pods/exec"] for rule in rules)
    bindings = [
        entry["object"]
        for entry in state["kubernetes"]["objects"]
        if (entry["kind"], entry["name"]) == ("RoleBinding", "experiment-reset-access")
    ]
    assert {binding["metadata"]["namespace"] for binding in bindings} == set(NAMESPACES)
    assert all(binding["subjects"] == [SUBJECT] for binding in bindings)

    filtered = jobs_of(lab)["experiment:build"]["rules"]
    changes = {glob for rule in filtered for glob in rule.get("changes", [])}
    assert changes > FILTER
    config_map = lab.object("ConfigMap", "dedup-experiment-config")
    in_repository = yaml.safe_load(text_of(lab, "k8s/base/configmap.yaml"))
    for settings in (
        config_map["data"]["config.json"],
        in_repository["data"]["config.json"],
        text_of(lab, "src/cpp/config.example.json"),
    ):
        assert kafka(settings) == KAFKA

    runner = lab.runners()[17]
    assert (runner["paused"], runner["maintenance_note"] or "") == (False, "")


def summary(output: str) -> dict[str, list[str]]:
    """The numbers of each operation."""
    table = output[output.index("Summary of changes:") :]
    rows = [re.split(r"  +", row.strip()) for row in table.splitlines() if " | " in row]
    return {row[0]: row[1:] for row in rows}


def test_the_preview_shows_all_jobs_in_their_order_and_sends_nothing(
    quick: Lab, pyinfra: Pyinfra
) -> None:
    before = quick.state()
    code, output = pyinfra.run("inventory.py", "deploys/site.py", "--dry", "-v")
    assert code == 0, output
    assert quick.mutations() == []
    after = quick.state()
    for state in (before, after):  # The enforcer may fire meanwhile, and that is noted there.
        for entry in state["kubernetes"]["objects"]:
            if entry["kind"] == "CronJob":
                entry["object"].pop("status", None)
    for part in ("kubernetes", "pods", "rake", "control_node"):
        assert after[part] == before[part], part
    assert after["project"]["branches"] == before["project"]["branches"]
    shown = [job for job in ORDER if f"\n{job} | " in output]
    assert shown == list(ORDER)
    places = [output.index(f"\n{job} | ") for job in ORDER]
    assert places == sorted(places)
    # What depends on the commits of the run is not known yet; what they make obsolete is.
    for line in (
        "whether the push makes one is unknown",
        "which pipeline is active then is unknown: this run commits first",
        "the commits that this run makes on development go to master, too: unknown until run",
        "pipeline 6936: 17 active jobs -> canceled: of commit",
    ):
        assert line in output
    rows = summary(output)
    assert rows["fix_tags | Set the tags"] == ["12", "-", "-", "-"]
    assert rows["unblock_pipeline | Set the tags"] == ["-", "-", "-", "12"]
    for name in (
        "pipelines | Have a complete pipeline of development",
        "unblock_pipeline | Watch until every pending job is picked up",
        "follow_experiment | Follow the experiment to its end",
    ):
        assert rows[name] == ["-", "-", "1", "-"]
    assert os.listdir(pyinfra.directory) == []


def test_what_another_host_commits_is_awaited_before_it_is_said(
    quick: Lab, pyinfra: Pyinfra
) -> None:
    # The project's host reads a file again after a pause: the operator's is through long before.
    fault = {"action": "timeout", "seconds": 2, "path": "/repository/files/.*gitlab-ci"}
    quick.fault(system="gitlab", method="GET", **fault)
    code, output = pyinfra.run("inventory.py", "deploys/site.py", "--dry")
    assert code == 0, output
    assert "go to master, too: unknown until run" in output


def test_a_host_that_cannot_be_read_is_not_awaited(quick: Lab, pyinfra: Pyinfra) -> None:
    path = "/repository/files/.*gitlab-ci"
    quick.fault(system="gitlab", method="GET", action="status", status=403, path=path, times=-1)
    code, output = pyinfra.run("inventory.py", "deploys/site.py", "--dry")
    assert code == 1, output
    assert "goes no further here" in output
    assert "sync_master | Fast-forward development and master" in output


def assert_is_over(lab: Lab) -> None:
    """Jobs 5 and 7, too: one active pipeline, whose experiment was successful, and master."""
    assert_is_repaired(lab)
    head = lab.heads("gitlab")["development"]
    branches = {"development": head, "master": head}
    assert [lab.heads(remote) for remote in ("gitlab", "github")] == [branches, branches]
    live = max(lab.pipelines())
    assert lab.pipelines()[live]["sha"] == head
    for number in set(lab.pipelines()) - {live}:
        assert lab.pipelines()[number]["status"] not in ("running", "pending"), number
    of_experiment = {
        job: status for job, status in statuses(lab, live).items() if job[:10] == "experiment"
    }
    # Runner 10 is paused, so one of the builds waits, which the experiment does not need.
    assert statuses(lab, live)["build-linux-riscv"] == "pending"
    of_experiment = {job: s for job, s in of_experiment.items() if s not in ("created", "manual")}
    assert len(of_experiment) == 11
    assert set(of_experiment.values()) == {"success"}


def test_one_run_repairs_the_whole_site_and_a_second_one_sends_nothing(
    quick: Lab, pyinfra: Pyinfra
) -> None:
    old = quick.heads("gitlab")["development"]
    run(pyinfra)
    assert_is_over(quick)
    head = quick.heads("gitlab")["development"]
    assert head != old
    # The commits are pushes, and the last one's pipeline is complete: none is triggered beside it.
    assert [p["source"] for p in quick.pipelines().values() if p["sha"] == head] == ["push"]
    before = now(quick)
    output = run(pyinfra)
    assert sent(quick, before) == []
    assert "nobody: 10 node8-linux-riscv is paused" in output


def is_committed(lab: Lab) -> bool:
    return set(text_of(lab, CI_FILE).replace('"', " ").split()) >= FILTER


def is_paused(lab: Lab) -> bool:
    return bool(lab.runners()[17]["paused"])


def is_reverted(lab: Lab) -> bool:
    return lab.state()["kafka"]["super_users"] == []


@pytest.mark.parametrize("moment", [is_committed, is_paused, is_reverted])
def test_killed_in_the_middle_the_next_run_goes_on(
    quick: Lab, pyinfra: Pyinfra, moment: Callable[[Lab], bool]
) -> None:
    process = pyinfra.start("inventory.py", "deploys/site.py", "-y")
    wait_for(lambda: moment(quick))
    kill(process)
    run(pyinfra)
    assert_is_over(quick)
    before = now(quick)
    run(pyinfra)
    assert sent(quick, before) == []


CANCELS = "on_new_commit: interruptible"


def test_a_pipeline_that_gitlab_cancels_when_the_run_commits_is_named(
    quick: Lab, pyinfra: Pyinfra
) -> None:
    text = text_of(quick, CI_FILE).replace("on_new_commit: none", CANCELS)
    quick.fault(action="commit", remote="gitlab", branch="development", files={CI_FILE: text})
    live = max(quick.pipelines())
    code, output = pyinfra.run("inventory.py", "deploys/site.py", "--dry")
    assert code == 0, output
    said = f"pipeline {live} may be canceled by GitLab itself when this run commits"
    assert f"{said} (workflow:auto_cancel:{CANCELS})" in output
