"""deploys/overview.py: everything at a glance, and what needs attention."""

import re

import pytest
from cluster import Cluster
from lab_process import ROOT, Lab, Pyinfra
from overview_site import AREAS, HANDS, LOOK, PAUSED, TOMORROW, areas, hands, known
from pipeline_site import set_all_tags
from rbac_site import WORDS

from ops.site.overview.area import JOBS


def test_all_that_is_broken_is_named_with_its_job(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(*LOOK)
    assert code == 1
    # Its rights are there, in all namespaces.
    assert areas(output) == {**dict.fromkeys(AREAS, "needs attention"), AREAS[-1]: "ok"}
    assert hands(output) == HANDS
    jobs = {path.stem for path in (ROOT / "deploys").glob("*.py")}
    assert {problem.rpartition(": ")[2] for problem in HANDS if problem != PAUSED} <= jobs
    assert "17 k8s-runner-4       online   {}, lacks {experiment, kubernetes}" in output
    assert "build: 4/7 done, 3 pending" in output
    assert "experiment:build waits for {experiment, kubernetes}, which runner 17 should" in output
    assert "super users in force (simple): User:ANONYMOUS" in output
    assert "super.users in spec.kafka.config, which Strimzi ignores: User:ANONYMOUS" in output
    assert "background migration 71: finished" in output


def test_the_order_is_that_of_the_whole_site() -> None:
    calls = re.findall(r'^job\("(\w+)"', (ROOT / "deploys/site.py").read_text(), re.MULTILINE)
    assert list(JOBS) == calls


def test_rights_that_are_denied_are_named(unbound: Lab, pyinfra: Pyinfra) -> None:
    _, output = pyinfra.run(*LOOK)
    assert areas(output)[AREAS[-1]] == "needs attention"
    assert f"denied: {WORDS} in cockroach-operator-system" in output
    assert "20 rights are denied: experiment_rbac" in hands(output)


def test_one_runner_without_tags_is_no_loss_of_all(lab: Lab, pyinfra: Pyinfra) -> None:
    set_all_tags(lab)
    lab.fault(action="set_tags", runner=8, tags=[])
    _, output = pyinfra.run(*LOOK)
    assert hands(output)[0] == "1 of 12 runners lack tags: fix_tags"
    assert "524402" not in output


def test_pods_that_keep_an_old_configuration_are_named(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    """One mounts it, whose file is renewed; one has it as variables, which stay."""
    lab.fault(action="create_object", document=old_pod("load-generator"))
    _, output = pyinfra.run(*LOOK)
    assert "Job load, container app of pod load-generator, since 2026-02-20" in output
    assert "Deployment dedup-dashboard, container web of pod dedup-dashboard-" in output
    assert "Job load has an old configuration: restart it" in hands(output)
    assert not [hand for hand in hands(output) if "dashboard" in hand]
    cluster.request("DELETE", cluster.path("pods", "databases", "load-generator"))
    _, output = pyinfra.run(*LOOK)
    assert "load-generator" not in output


def old_pod(name: str) -> dict[str, object]:
    started = "2026-02-20T08:00:00Z"
    source = {"configMapRef": {"name": "dedup-experiment-config"}}
    running = {"name": "app", "state": {"running": {"startedAt": started}}}
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "load", "uid": "1"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "databases",
            "ownerReferences": [{**owner, "controller": True}],
        },
        "spec": {"containers": [{"name": "app", "image": "load:v1", "envFrom": [source]}]},
        "status": {"phase": "Running", "startTime": started, "containerStatuses": [running]},
    }  # fmt: skip


@pytest.mark.parametrize("arguments", [LOOK, (*LOOK[:2], "-y")], ids=["preview", "run"])
def test_nothing_is_changed(lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...]) -> None:
    before = lab.state()
    code, output = pyinfra.run(*arguments)
    assert code == 1, output
    assert hands(output) == HANDS
    assert lab.mutations() == []
    after = lab.state()
    assert after["pods"] == before["pods"]
    assert after["kafka"]["logins"] == []
    assert "Traceback" not in output


REPAIRS = ("ci_variables", "experiment_rbac", "sync_master", "kafka_config")


def test_after_repairs_only_the_rest_is_named(lab: Lab, pyinfra: Pyinfra) -> None:
    for job in REPAIRS:
        code, output = pyinfra.deploy(job, "-y")
        assert code == 0, output
    code, output = pyinfra.run(*LOOK)
    assert code == 1
    seen = areas(output)
    for area in ("CI/CD variables", "Rights of the experiment's jobs", "Experiment configuration"):
        assert seen[area] == "ok"
    jobs = {problem.rpartition(": ")[2] for problem in hands(output)}
    assert {"fix_tags", "revert_super_users"} <= jobs
    assert not jobs & {"ci_variables", "experiment_rbac", "kafka_config", "verify_kafka_sasl"}


def repair_by_hand(lab: Lab, pyinfra: Pyinfra) -> None:
    """Bring everything about that the quick jobs leave."""
    lab.fault(action="set", loss_delay=3600, kafka_roll_seconds=0.2, job_seconds=0.1)
    for job in REPAIRS[:3]:
        code, output = pyinfra.deploy(job, "-y")
        assert code == 0, output
    code, output = pyinfra.deploy("fix_tags", "-y", "--limit", "runners")
    assert code == 0, output
    for job in ("widen_changes_filter", "kafka_config", "sync_master", "pipelines"):
        code, output = pyinfra.deploy(job, "-y")
        assert code == 0, output
    spec = {"schedule": "*/5 * * * *", "suspend": False}
    lab.fault(action="patch_object", kind="CronJob", patch={"spec": spec})
    users = {"config": {"super.users": None}, "authorization": {"superUsers": None}}
    lab.fault(action="patch_object", kind="Kafka", patch={"spec": {"kafka": users}})
    lab.wait(lambda: lab.state()["kafka"]["observedGeneration"] == 2)
    active = ("running", "pending", "created", "canceling")
    for pipeline in lab.pipelines().values():
        for job in pipeline["jobs"]:
            if job["status"] in active:
                lab.fault(action="finish_job", job=job["id"], status="success")


def test_where_all_is_well_the_exit_code_is_zero(lab: Lab, pyinfra: Pyinfra) -> None:
    repair_by_hand(lab, pyinfra)
    lab.wait(lambda: not [p for p in lab.pipelines().values() if p["status"] == "canceling"])
    sent = len(lab.mutations())
    code, output = pyinfra.run(*LOOK)
    assert code == 1
    assert hands(output) == [PAUSED]
    code, output = pyinfra.run(*LOOK, *known(host="@gitlab/runners/10"))
    assert code == 0, output
    assert hands(output) == []
    assert f"\n{PAUSED}; known: its disk is replaced, until {TOMORROW}\n" in output
    assert f"\nknown:    {PAUSED}; known: its disk is replaced, until {TOMORROW}\n" in output
    assert areas(output) == dict.fromkeys(AREAS, "ok")
    assert len(lab.mutations()) == sent
