"""Jobs whose commands run in pods of a real cluster: exec is the kubelet's, controllers are real.

GitLab, and the program in the toolbox pod, are the practice site's; the node is a stand-in of ours.
"""

from typing import Any

import pytest
from kubernetes_api import MERGE, Api
from lab_process import Lab, Pyinfra
from moments import TAGS, kill, wait_for
from real_kubernetes import RealKubernetes

ENFORCER = "/apis/batch/v1/namespaces/gitlab-runner/cronjobs/runner-tag-enforcer"
JOBS = "/apis/batch/v1/namespaces/gitlab-runner/jobs"
DEPLOYMENTS = "/apis/apps/v1/namespaces/gitlab-runner/deployments"
PODS = "/api/v1/namespaces/gitlab-runner/pods"


@pytest.fixture
def site(lab: Lab, real_cluster: Api) -> Api:
    lab.fault(action="set", loss_delay=3600)
    return real_cluster


@pytest.fixture
def quick(pyinfra_there: Pyinfra) -> Pyinfra:
    pyinfra_there.environment["TAG_VERIFICATION_SECONDS"] = "2"
    return pyinfra_there


def enforcer(api: Api) -> dict[str, Any]:
    return dict(api.send("GET", ENFORCER).body)


def executed(server: RealKubernetes) -> list[str]:
    return [event["requestURI"] for event in server.requests() if "/exec?" in event["requestURI"]]


def test_a_preview_writes_nothing(
    site: Api, lab: Lab, quick: Pyinfra, real_nodes: RealKubernetes
) -> None:
    before = len(real_nodes.mutations())
    code, output = quick.deploy("fix_tags", "--dry")
    assert code == 0, output
    assert "would watch 12 runners" in output
    assert [m for m in real_nodes.mutations()[before:] if "/exec?" not in m] == []
    assert lab.mutations() == []


def test_tags_are_repaired_and_proven(
    site: Api, lab: Lab, quick: Pyinfra, real_nodes: RealKubernetes
) -> None:
    before = len(executed(real_nodes))
    code, output = quick.deploy("fix_tags", "-y")
    assert code == 0, output
    assert lab.tags() == TAGS
    assert len(executed(real_nodes)) > before
    found = enforcer(site)
    assert (found["spec"]["schedule"], found["spec"]["suspend"]) == ("*/5 * * * *", False)
    assert "gitlab.comdare.de/tag-proof" in found["metadata"]["annotations"]
    budgets = site.send("GET", "/apis/policy/v1/namespaces/gitlab/poddisruptionbudgets").body
    assert [item["metadata"]["name"] for item in budgets["items"]] == []

    sent, written = lab.mutations(), len(real_nodes.mutations())
    code, output = quick.deploy("fix_tags", "-y")
    assert code == 0, output
    assert lab.mutations() == sent
    assert [m for m in real_nodes.mutations()[written:] if "/exec?" not in m] == []


def test_a_run_that_is_killed_in_the_migration_is_finished_by_the_next(
    site: Api, lab: Lab, quick: Pyinfra
) -> None:
    lab.fault(action="set", rake_down=3)
    process = quick.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: lab.rake("down"))
    kill(process)
    code, output = quick.deploy("fix_tags", "-y")
    assert code == 0, output
    assert (len(lab.rake("down")), len(lab.rake("up"))) == (1, 1)
    assert lab.tags() == TAGS
    assert enforcer(site)["spec"]["suspend"] is False


def run_now(api: Api, name: str) -> dict[str, Any]:
    """Run the enforcer's job at once, as `kubectl create job --from` does, and wait for its end."""
    job = {"metadata": {"name": name}, "spec": enforcer(api)["spec"]["jobTemplate"]["spec"]}
    answer = api.send("POST", JOBS, job)
    assert answer.status == 201, answer.body

    def status() -> dict[str, Any]:
        return dict(api.send("GET", f"{JOBS}/{name}").body["status"])

    wait_for(lambda: {"Complete", "Failed"} & {c["type"] for c in status().get("conditions", ())})
    return status()


def test_the_script_that_is_written_sets_tags(site: Api, lab: Lab, quick: Pyinfra) -> None:
    """It is run by a shell and curl, in a pod that Kubernetes' controller of jobs has made."""
    code, output = quick.deploy("fix_tags", "-y")
    assert code == 0, output
    for number in (7, 17):
        lab.fault(action="set_tags", runner=number, tags=["of-somebody-else"])
    status = run_now(site, "enforcer-now")
    pod = site.send("GET", PODS, labelSelector="job-name=enforcer-now").body["items"][0]
    log = site.send("GET", f"{PODS}/{pod['metadata']['name']}/log").body
    assert status.get("succeeded") == 1, log
    assert lab.tags() == TAGS, log


def test_a_pod_of_a_deployment_has_a_successor(site: Api) -> None:
    labels = {"app": "runner-9"}
    container = {"name": "gitlab-runner", "image": "none"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    answer = site.send("POST", DEPLOYMENTS, {"metadata": {"name": "runner-9"}, "spec": spec})
    assert answer.status == 201, answer.body

    def ready() -> set[str]:
        items = site.send("GET", PODS, labelSelector="app=runner-9").body["items"]
        return {
            item["metadata"]["name"] for item in items if item["status"].get("phase") == "Running"
        }

    wait_for(ready)
    [old] = ready()
    assert site.send("DELETE", f"{PODS}/{old}").status == 200
    wait_for(lambda: ready() and old not in ready())


def test_what_a_node_says_of_a_command_that_it_refuses(site: Api, pyinfra_there: Pyinfra) -> None:
    """The API server has opened the stream when the node says it."""
    labels, notes = {"app": "not-begun"}, {"nodes.test/unready": "true"}
    metadata = {"name": "not-begun", "labels": labels, "annotations": notes}
    spec = {"containers": [{"name": "a", "image": "none"}]}
    assert site.send("POST", PODS, {"metadata": metadata, "spec": spec}).status == 201
    path = f"{PODS}/not-begun"
    wait_for(lambda: "nodeName" in site.send("GET", path).body["spec"])
    # As it was seen last by a node that has lost the container since.
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    assert site.send("PATCH", f"{path}/status", {"status": ready}, MERGE).status == 200
    host = "@pod/gitlab-runner/app=not-begun"
    code, output = pyinfra_there.run(host, "exec", "--data", "kubernetes_via=", "--", "true")
    assert code == 1
    assert 'unable to upgrade connection: container not found ("a")' in output
