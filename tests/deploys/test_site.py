"""deploys/site.py: the whole handover, from the broken site to the one that site.md describes."""

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from lab_process import Lab, Pyinfra
from moments import RELAXED, TAGS
from pipeline_site import (
    ACTIVE,
    CI_FILE,
    LIVE,
    now,
    sent,
    statuses,
    text_of,
)  # fmt: skip

ORDER = (
    "fix_tags", "pipelines", "ci_variables", "experiment_rbac", "unblock_pipeline",
    "follow_experiment", "revert_super_users", "verify_kafka_sasl", "sync_master",
    "widen_changes_filter", "kafka_config",
)  # fmt: skip
KAFKA = {"port": 9094, "user": "dedup-lab", "password": ""}
FILTER = {"k8s/**", "src/cpp/config.example.json", "scripts/reset/**"}
SECONDS = 150


@pytest.fixture
def quick(lab: Lab, pyinfra: Pyinfra) -> Lab:
    """The broken site, where everything takes little time; proofs are kept for one test."""
    lab.fault(
        action="set", job_seconds=0.2, rake_boot=0.1, rake_down=0.1, rake_up=0.1,
        kafka_roll_seconds=0.1,
    )  # fmt: skip
    pyinfra.environment |= {
        "RUNNER_TAGS_HOLD_SECONDS": "3",
        "EVIDENCE_DIRECTORY": str(pyinfra.directory / "evidence"),
        "SNAPSHOT_DIRECTORY": str(pyinfra.directory / "snapshots"),
    }
    return lab


def run(pyinfra: Pyinfra) -> str:
    code, output = pyinfra.run("inventory.py", "deploys/site.py", "-y", seconds=SECONDS)
    assert code == 0, output
    return output


def follow_the_new_commit(lab: Lab, pyinfra: Pyinfra) -> None:
    """Run again; the last job takes longer than a second, the resolution of a pod's age."""
    process = pyinfra.start("inventory.py", "deploys/site.py", "-y")
    started = ("running", "success")
    lab.wait(
        lambda: statuses(lab, max(lab.pipelines())).get("experiment:run-all") in started, SECONDS
    )
    lab.fault(action="set", job_seconds=1.2)
    output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, output


def kafka(settings: str) -> Mapping[str, Any]:
    values = json.loads(settings)["kafka"]
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
    binding = lab.object("RoleBinding", "experiment-reset-access")
    assert binding["metadata"]["namespace"] == "databases"
    assert binding["subjects"][0]["namespace"] == "gitlab-runner"

    filtered = yaml.safe_load(text_of(lab, CI_FILE))["experiment:build"]["rules"]
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


def test_the_preview_shows_all_jobs_in_their_order_and_sends_nothing(
    quick: Lab, pyinfra: Pyinfra
) -> None:
    before = quick.state()
    code, output = pyinfra.run("inventory.py", "deploys/site.py", "--dry")
    assert code == 0, output
    assert quick.mutations() == []
    after = quick.state()
    for part in ("kubernetes", "pods", "rake", "control_node"):
        assert after[part] == before[part], part
    assert after["project"]["branches"] == before["project"]["branches"]
    shown = [job for job in ORDER if f"\n    {job} | " in output]
    assert shown == list(ORDER)
    places = [output.index(f"\n    {job} | ") for job in ORDER]
    assert places == sorted(places)
    assert os.listdir(pyinfra.directory) == []


def test_one_run_repairs_the_site_a_second_one_follows_the_new_commit_a_third_sends_nothing(
    quick: Lab, pyinfra: Pyinfra
) -> None:
    lab = quick
    old = lab.heads("gitlab")["development"]
    run(pyinfra)
    assert_is_repaired(lab)
    assert lab.pipelines()[LIVE]["status"] == "success"
    assert lab.pipelines()[ACTIVE]["status"] == "canceled"
    assert [lab.heads(remote)["master"] for remote in ("gitlab", "github")] == [old, old]
    head = lab.heads("gitlab")["development"]
    assert head != old

    follow_the_new_commit(lab, pyinfra)
    assert_is_repaired(lab)
    branches = {"development": head, "master": head}
    assert [lab.heads(remote) for remote in ("gitlab", "github")] == [branches, branches]
    newest = max(lab.pipelines())
    assert lab.pipelines()[newest]["sha"] == head
    of_experiment = {
        job: status for job, status in statuses(lab, newest).items() if job[:10] == "experiment"
    }
    # Runner 10 is paused, so one of the builds waits, which the experiment does not need.
    assert statuses(lab, newest)["build-linux-riscv"] == "pending"
    assert of_experiment.pop("experiment:cleanup") in ("created", "manual")
    assert len(of_experiment) == 12
    assert set(of_experiment.values()) == {"success"}

    before = now(lab)
    output = run(pyinfra)
    assert sent(lab, before) == []
    assert "proven before, nothing to do" in output
    assert "nobody: 10 node8-linux-riscv is paused" in output
