"""Kubernetes' own controllers make the pods, and our node runs their commands."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes_api import MERGE, Api, Space
from lab_process import ROOT, SCRIPT
from limits import LIMIT
from moments import wait_for
from real_kubernetes import RealKubernetes

INDEX = {"fieldRef": {"fieldPath": "metadata.labels['batch.kubernetes.io/job-completion-index']"}}


@pytest.fixture
def space(real_nodes: RealKubernetes) -> Iterator[Space]:
    api = Api("real", real_nodes.kubeconfig)
    name = f"controllers-{secrets.token_hex(4)}"
    assert api.send("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).status == 201
    yield Space(api, name)
    api.close()


def template(*command: str, **fields: Any) -> dict[str, Any]:
    """A pod whose one container runs a command on this machine."""
    container = {"name": "a", "image": "none", "command": list(command), **fields}
    return {
        "metadata": {"annotations": {"nodes.test/run": "true"}},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }


def pod_named(name: str, document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "metadata": {**document["metadata"], "name": name}}


def logs(space: Space, selector: str) -> list[str]:
    path = space.path("pods")
    pods = space.api.send("GET", path, labelSelector=selector).body["items"]
    return [space.api.send("GET", f"{path}/{p['metadata']['name']}/log").body for p in pods]


def is_over(space: Space, job: str) -> bool:
    conditions = space.get("batch/v1/jobs", job)["status"].get("conditions", ())
    return bool({"Complete", "Failed"} & {condition["type"] for condition in conditions})


def test_an_indexed_job_runs_pyinfra(space: Space) -> None:
    line = f"cd {ROOT} && exec {SCRIPT} @local exec -- 'echo index $INDEX.'"
    environment = [{"name": "INDEX", "valueFrom": INDEX}]
    pod = template("sh", "-c", line, env=environment)
    spec = {"completionMode": "Indexed", "completions": 2, "parallelism": 2, "template": pod}
    space.made("batch/v1/jobs", {"metadata": {"name": "both"}, "spec": spec})
    wait_for(lambda: is_over(space, "both"))
    status = space.get("batch/v1/jobs", "both")["status"]
    said = logs(space, "job-name=both")
    assert (status.get("succeeded"), status.get("completedIndexes")) == (2, "0,1"), said
    assert {n for n in (0, 1) for text in said if f"] index {n}." in text} == {0, 1}, said


def test_a_failed_command_is_a_failed_job(space: Space) -> None:
    pod = template("sh", "-c", "echo no; exit 3")
    spec = {"backoffLimit": 0, "template": pod}
    space.made("batch/v1/jobs", {"metadata": {"name": "fails"}, "spec": spec})
    wait_for(lambda: is_over(space, "fails"))
    assert space.get("batch/v1/jobs", "fails")["status"].get("failed") == 1
    [found] = space.api.send("GET", space.path("pods")).body["items"]
    [container] = found["status"]["containerStatuses"]
    assert container["state"]["terminated"]["exitCode"] == 3
    assert logs(space, "job-name=fails") == ["no\n"]


def test_a_cron_job_begins_at_the_full_minute(space: Space) -> None:
    pod = template("true")
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": pod}}}
    space.made("batch/v1/cronjobs", {"metadata": {"name": "minutely"}, "spec": spec})

    def status() -> dict[str, Any]:
        return dict(space.get("batch/v1/cronjobs", "minutely").get("status", {}))

    wait_for(lambda: "lastSuccessfulTime" in status(), seconds=60 + LIMIT)
    assert status()["lastScheduleTime"].endswith(":00Z")
    space.patch("batch/v1/cronjobs", "minutely", {"spec": {"suspend": True}}, MERGE)


def test_a_namespace_that_is_deleted_takes_all_that_is_in_it(space: Space) -> None:
    space.made("configmaps", {"metadata": {"name": "a"}})
    space.made("pods", pod_named("a", template("sleep", "3600")))
    path = f"/api/v1/namespaces/{space.name}"
    assert space.api.send("DELETE", path).status == 200
    wait_for(lambda: space.api.send("GET", path).status == 404)


def test_a_pod_is_told_to_end_and_gets_its_grace_period(space: Space) -> None:
    line = "trap 'exit 0' TERM; while :; do sleep 0.05; done"
    space.made("pods", pod_named("obeys", template("sh", "-c", line)))
    path = space.path("pods", "obeys")
    wait_for(lambda: space.get("pods", "obeys")["status"].get("phase") == "Running")
    assert space.api.send("DELETE", path, gracePeriodSeconds=3600).status == 200
    wait_for(lambda: space.api.send("GET", path).status == 404)

    stubborn = template("sleep", "3600")
    stubborn["metadata"]["annotations"]["nodes.test/stubborn"] = "true"
    space.made("pods", pod_named("stays", stubborn))
    wait_for(lambda: space.get("pods", "stays")["status"].get("phase") == "Running")
    assert space.api.send("DELETE", space.path("pods", "stays"), gracePeriodSeconds=3600).status
    terminating = space.get("pods", "stays")
    assert terminating["metadata"]["deletionGracePeriodSeconds"] == 3600
    ready = [c["status"] for c in terminating["status"]["conditions"] if c["type"] == "Ready"]
    assert ready == ["True"]
    assert space.api.send("DELETE", space.path("pods", "stays"), gracePeriodSeconds=0).status == 200
