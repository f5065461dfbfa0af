"""deploys/overview.py: what cannot be read, and where it is shown."""

import json
import re

import pytest
from cluster import Cluster
from experiment_site import anna
from lab_process import Lab, Pyinfra
from overview_site import AREAS, HANDS, LOOK, PAUSED, WIPED, areas, hands
from pipeline_site import set_all_tags, someone
from terminal import on_a_terminal

# Of an area that cannot be read only the short name is known.
SHORT = {"Pipelines of development": "Pipelines", "Rights of the experiment's jobs": "Rights"}


def _of(*jobs: str) -> list[str]:
    return [hand for hand in HANDS if hand.rpartition(": ")[2] in jobs]


# What is not named where an area cannot be read; pending jobs are compared with runners.
OF_AREA = {
    "Runners": [WIPED, PAUSED, *_of("pipelines", "unblock_pipeline")],
    "Enforcer and migration": HANDS[1:2],
    "Pipelines of development": _of("pipelines", "unblock_pipeline"),
    "CI/CD configuration": _of("widen_changes_filter"),
    "Branches": _of("sync_master"),
    "Kafka": [HANDS[3], *_of("revert_super_users")],
    "Experiment configuration": _of("kafka_config"),
    "CI/CD variables": _of("ci_variables"),
    "Rights of the experiment's jobs": _of("experiment_rbac"),
}
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
    code, output, errors = pyinfra.streams(*LOOK, "--json")
    assert code == 1, errors
    document = json.loads(output)
    assert {need["area"] for need in document["attention"]} <= {*AREAS}
    assert all(problem in errors for problem in HANDS)


def test_a_terminal_of_80_columns_is_enough(lab: Lab, pyinfra: Pyinfra) -> None:
    output = on_a_terminal(pyinfra, 80, *LOOK)
    assert "\x1b[31m" in output
    plain = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", output).replace("\r\n", "\n")
    shown = plain[plain.index("Runners: ") :]
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
