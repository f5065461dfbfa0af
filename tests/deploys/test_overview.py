"""deploys/overview.py: the whole site at a glance, and what cannot be read hides nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cluster import Cluster
from experiment_site import anna
from lab_process import ROOT, Lab, Pyinfra
from limits import LIMIT
from pipeline_site import set_all_tags, someone
from rbac_site import WORDS
from terminal import on_a_terminal

from ops.site.overview.area import JOBS

LOOK = ("inventory.py", "deploys/overview.py", "--dry")
AREAS = [
    "Runners",
    "Enforcer and migration",
    "Pipelines of development",
    "CI/CD configuration",
    "Branches",
    "Kafka",
    "Experiment configuration",
    "CI/CD variables",
    "Rights of the experiment's jobs",
]
# Of an area that cannot be read only the short name is known.
SHORT = {"Pipelines of development": "Pipelines", "Rights of the experiment's jobs": "Rights"}
WIPED = "12 of 12 runners have no tags at once (GitLab issue 524402): fix_tags"
# In the order in which to act: the cause first, and what waits for the tags after it.
HANDS = [
    WIPED,
    "the enforcer has not its regular schedule, so tags are not proven to last: fix_tags",
    "CI/CD variable is not OK: ci_variables",
    "missing: DEDUP_REDIS_PASSWORD, DEDUP_MINIO_PASSWORD, DEDUP_KAFKA_PASSWORD: ci_variables",
    "not masked: DEDUP_CRDB_PASSWORD: ci_variables",
    "experiment:build does not run for 3 wanted paths: widen_changes_filter",
    "the configuration of Kafka is not as wanted everywhere: kafka_config",
    "obsolete and active: 6932: pipelines",
    "build-debian-x86 waits for tags that are lost: unblock_pipeline",
    "build-ubuntu-x86 waits for tags that are lost: unblock_pipeline",
    "build-macos-arm waits for tags that are lost: unblock_pipeline",
    "experiment:build waits for tags that are lost: unblock_pipeline",
    "User:ANONYMOUS is a super user: revert_super_users",
    "super.users in spec.kafka.config does nothing, but looks as if: revert_super_users",
    "master of gitlab is not at development: sync_master",
    "master of github is not at development: sync_master",
]


def _of(*jobs: str) -> list[str]:
    return [hand for hand in HANDS if hand.rpartition(": ")[2] in jobs]


# What is not named where an area cannot be read; pending jobs are compared with runners.
OF_AREA = {
    "Runners": [WIPED, *_of("pipelines", "unblock_pipeline")],
    "Enforcer and migration": HANDS[1:2],
    "Pipelines of development": _of("pipelines", "unblock_pipeline"),
    "CI/CD configuration": _of("widen_changes_filter"),
    "Branches": _of("sync_master"),
    "Kafka": [HANDS[2], *_of("revert_super_users")],
    "Experiment configuration": _of("kafka_config"),
    "CI/CD variables": _of("ci_variables"),
    "Rights of the experiment's jobs": _of("experiment_rbac"),
}


def areas(output: str) -> dict[str, str]:
    """The areas that are shown, with `ok` or `needs attention`."""
    return dict(re.findall(r"^ {4}(\S.*): (ok|needs attention)$", output, re.MULTILINE))


def hands(output: str) -> list[str]:
    """What needs attention, from the list at the end."""
    if "Nothing needs attention." in output:
        return []
    count, listed = re.findall(
        r"^ {4}(\d+) things? needs? attention:\n((?: {8}.*\n)*)", output, re.MULTILINE
    )[0]
    lines = [line.strip() for line in listed.splitlines()]
    assert len(lines) == int(count)
    return lines


def test_all_that_is_broken_is_named_with_its_job(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(*LOOK)
    assert code == 1
    # Its rights are there, in all namespaces.
    assert areas(output) == {**dict.fromkeys(AREAS, "needs attention"), AREAS[-1]: "ok"}
    assert hands(output) == HANDS
    jobs = {path.stem for path in (ROOT / "deploys").glob("*.py")}
    assert {problem.rpartition(": ")[2] for problem in HANDS} <= jobs
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
    assert code == 0, output
    assert hands(output) == []
    assert areas(output) == dict.fromkeys(AREAS, "ok")
    assert len(lab.mutations()) == sent


STATUS_503 = {"action": "status", "status": 503, "times": -1}
UNREADABLE = {
    "pipelines": ("Pipelines of development", [
        {"system": "gitlab", "method": "GET", "path": "/projects/280/pipelines$", **STATUS_503},
    ]),
    "the enforcer": ("Enforcer and migration", [
        {"system": "kubernetes", "path": "/cronjobs/", "action": "reset", "times": -1},
    ]),
    "Kafka's resource": ("Kafka", [
        {"system": "kubernetes", "path": "/kafkas/", **STATUS_503},
    ]),
    "GitHub": ("Branches", [{"system": "github", "path": "", **STATUS_503}]),
    "access reviews": ("Rights of the experiment's jobs", [
        {"system": "kubernetes", "path": "/subjectaccessreviews", **STATUS_503},
    ]),
    "variables": ("CI/CD variables", [
        {"system": "gitlab", "path": "/projects/280/variables", **STATUS_503},
    ]),
    "the ConfigMap": ("Experiment configuration", [
        {"system": "kubernetes", "path": "/configmaps/dedup-experiment", **STATUS_503},
    ]),
    "an answer of another form": ("Runners", [
        {"system": "gitlab", "path": "/api/graphql", "action": "status", "status": 200,
         "body": {"data": {"runners": None}}, "times": -1},
    ]),
}  # fmt: skip


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_hides_nothing_else(lab: Lab, pyinfra: Pyinfra, what: str) -> None:
    area, faults = UNREADABLE[what]
    for fault in faults:
        lab.fault(**fault)
    code, output = pyinfra.run(*LOOK)
    assert code == 1
    assert "Traceback" not in output
    seen = areas(output)
    assert seen.pop(SHORT.get(area, area), None) == "needs attention"
    shown = set(AREAS) - {area}
    assert shown - set(seen) <= ({"Pipelines of development"} if area == "Runners" else set())
    name = SHORT.get(area, area)
    assert [
        problem for problem in hands(output) if problem.startswith(f"{name} could not be read: ")
    ]
    for problem in HANDS:
        assert (problem in hands(output)) or problem in OF_AREA[area], problem


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "/apis/batch/v1/namespaces/gitlab-runner/cronjobs/runner-tag-enforcer",
            "Enforcer and mig",
        ),
        ("/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkas/kafka-cluster", "Kafka could not"),
    ],
)
def test_what_does_not_exist_is_said_so(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, path: str, message: str
) -> None:
    cluster.request("DELETE", path)
    code, output = pyinfra.run(*LOOK)
    assert code == 1
    [problem] = [problem for problem in hands(output) if problem.startswith(message)]
    assert f"GET {path} -> 404" in problem


def test_one_missing_runner_leaves_the_others_in_sight(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="remove_runner", runner=9)
    code, output = pyinfra.run(*LOOK)
    assert code == 1
    assert list(areas(output)) == AREAS
    assert "runner 9 does not exist in GitLab" in hands(output)
    assert "GET /runners/9 -> 404" in output
    numbers = re.findall(r"^ +(\d+) \S+ +(?:online|paused|OFFLINE)", output, re.MULTILINE)
    assert numbers == [str(number) for number in range(6, 18) if number != 9]


def test_an_offline_runner_needs_attention(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set_online", runner=11, online=False)
    _, output = pyinfra.run(*LOOK)
    assert "runner 11 (pve1-linux-x86) is offline" in hands(output)


@pytest.mark.parametrize(("minutes", "is_left"), [(0, False), (7, True)])
def test_a_pause_that_a_run_has_left_needs_attention(
    lab: Lab, pyinfra: Pyinfra, minutes: float, is_left: bool
) -> None:
    set_all_tags(lab)  # GitLab pauses no runner without tags.
    someone(lab, "PUT", "/runners/17", anna(minutes))
    _, output = pyinfra.run(*LOOK)
    assert re.search(r"^ +paused by anna@her-laptop, pid 7, 20\S+Z, while", output, re.MULTILINE)
    found = [problem for problem in hands(output) if problem.startswith("runner 17")]
    assert len(found) == is_left
    for problem in found:
        assert problem.startswith("runner 17 was left paused by anna@her-laptop, pid 7, 20")
        assert problem.endswith("Z: follow_experiment")


def test_the_pause_of_a_person_needs_no_hand(lab: Lab, pyinfra: Pyinfra) -> None:
    set_all_tags(lab)
    someone(lab, "PUT", "/runners/16", {"paused": True, "maintenance_note": "Tom"})
    _, output = pyinfra.run(*LOOK)
    assert re.search(r"^ +16 k8s-runner-3 +paused ", output, re.MULTILINE)
    assert "paused by" not in output


def test_a_pipeline_of_the_head_that_has_failed_needs_attention(lab: Lab, pyinfra: Pyinfra) -> None:
    for job in ("experiment:build", "build-debian-x86"):
        lab.fault(action="finish_job", job=job, status="failed")
    lab.fault(action="finish_job", job="build-macos-arm")
    _, output = pyinfra.run(*LOOK)
    assert "pipeline 6936 of the head has failed: retry it in GitLab" in hands(output)
    assert "lost in 6936: build-debian-x86, experiment:build" in output


def test_a_wrong_token_leaves_the_cluster_in_sight(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(*LOOK, GITLAB_TOKEN="wrong")
    assert code == 1
    assert "Traceback" not in output
    assert "401" in output
    assert "User:ANONYMOUS is a super user: revert_super_users" in hands(output)


def test_an_unreachable_control_node_leaves_gitlab_in_sight(lab: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.environment["KUBERNETES_VIA"] = "root@no-such-host.invalid"
    code, output = pyinfra.run(*LOOK)
    assert code == 1
    assert "Traceback" not in output
    assert WIPED in hands(output)
    assert "master of gitlab is not at development: sync_master" in hands(output)


def test_a_control_node_that_refuses_is_one_line_for_each_area(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="refuse_ssh", seconds=60)
    code, output = pyinfra.run(*LOOK)
    assert code == 1
    assert "Traceback" not in output
    unread = [problem for problem in hands(output) if "could not be read" in problem]
    assert len(unread) == 4
    assert all("cannot be reached over SSH" in problem for problem in unread)


def test_json_goes_to_stdout_alone_with_an_operation_an_area(lab: Lab, pyinfra: Pyinfra) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("pyinfra")), *LOOK, "--json"],
        cwd=ROOT,
        env=pyinfra.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert [step["name"] for step in document["plan"]] == AREAS
    assert all(problem in done.stderr for problem in HANDS)


def test_a_terminal_of_80_columns_is_enough(lab: Lab, pyinfra: Pyinfra) -> None:
    output = on_a_terminal(pyinfra, 80, *LOOK)
    assert "\x1b[31m" in output
    plain = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", output).replace("\r\n", "\n")
    shown = plain[plain.index("Runners: ") : plain.index("--> Detected changes:")]
    too_long = [line for line in shown.split("\n") if len(line.rpartition("\r")[2]) > 80]
    assert all(len(line.split()) == 1 for line in too_long), too_long
    assert "17 k8s-runner-4" in shown


@pytest.mark.parametrize("arguments", [(), ("-vvv",), ("--debug",), ("--json",)])
def test_no_secret_is_shown(lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...]) -> None:
    code, output = pyinfra.run(*LOOK, *arguments)
    assert code == 1
    names = [name for name in lab.environment if name.endswith(("_PASSWORD", "_TOKEN"))]
    assert len(names) >= 8
    for name in names:
        assert lab.environment[name] not in output, name
    assert "dedup-lab-old" not in output
