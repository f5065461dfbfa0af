"""The practice site's cluster in a real one whose pods run: objects, programs in pods."""

import shlex
import sys
from pathlib import Path
from typing import Any

from kubernetes_api import MERGE, Api
from lab_process import Lab
from real_kubernetes import RealKubernetes
from real_site import empty, fill

from lab.site.dedup.cluster import PROGRAMS

KAFKA = "/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkas/kafka-cluster"
WORKLOADS = {  # what makes pods, and what it makes them from
    "CronJob": ("/apis/batch/v1", "cronjobs"),
    "Job": ("/apis/batch/v1", "jobs"),
    "Deployment": ("/apis/apps/v1", "deployments"),
    "ReplicaSet": ("/apis/apps/v1", "replicasets"),
}
SECRET = "runner-tag-enforcer"
RUN = {"nodes.test/run": "true"}


def fill_cluster(server: RealKubernetes, api: Api, lab: Lab) -> None:
    """Put the cluster back to what the practice site has in the beginning."""
    objects = lab.state()["kubernetes"]["objects"]
    namespaces = {entry["namespace"] for entry in objects} - {""}
    for namespace in namespaces:
        for root, plural in WORKLOADS.values():
            path = f"{root}/namespaces/{namespace}/{plural}"
            assert api.send("DELETE", path, {"propagationPolicy": "Background"}).status == 200
    empty(api, namespaces)
    install_programs(server.directory / "programs", lab)
    fill(api, (entry for entry in objects if entry["kind"] != "CronJob"))
    for entry in objects:
        if entry["kind"] == "CronJob":
            _make_cron_job(api, lab, entry["object"])


def _make_cron_job(api: Api, lab: Lab, document: dict[str, Any]) -> None:
    """Make the enforcer, which runs its script for real; there are no volumes: it is a variable."""
    namespace = document["metadata"]["namespace"]
    secret = {
        "metadata": {"name": SECRET},
        "stringData": {"token": lab.environment["GITLAB_TOKEN"]},
    }
    answer = api.send("POST", f"/api/v1/namespaces/{namespace}/secrets", secret)
    assert answer.status == 201, answer.body
    template = document["spec"]["jobTemplate"]["spec"]["template"]
    template["metadata"] = {"annotations": RUN}
    container = template["spec"]["containers"][0]
    url, of_secret = container["env"]
    url["value"] = lab.environment["GITLAB_URL"]
    script = {"configMapKeyRef": {"name": "runner-tag-enforcer-script", "key": "enforce.sh"}}
    authority = {"name": "CURL_CA_BUNDLE", "value": lab.environment["GITLAB_CA_FILE"]}
    container["env"] = [url, of_secret, authority, {"name": "SCRIPT", "valueFrom": script}]
    container["command"] = ["sh", "-c", 'eval "$SCRIPT"']
    fill(api, [{"object": document}])


def install_programs(folder: Path, lab: Lab) -> None:
    """Have the practice site's programs in the pods, and let them reach it."""
    urls = {"LAB_RAKE_URL": f"{lab.url}/rake", "LAB_KAFKA_URL": f"{lab.url}/kafka"}
    exports = "".join(f"export {name}={shlex.quote(url)}\n" for name, url in urls.items())
    for container, programs in PROGRAMS.items():
        (folder / container).mkdir(parents=True, exist_ok=True)
        for name, source in programs.items():
            command = shlex.join([sys.executable, "-I", str(source)])
            file = folder / container / name
            file.write_text(f'#!/bin/sh\n{exports}export PROGRAM={name}\nexec {command} "$@"\n')
            file.chmod(0o755)


def change_kafka(api: Api, **kafka: Any) -> int:
    """Change the Kafka resource as somebody else, and return its generation."""
    answer = api.send("PATCH", KAFKA, {"spec": {"kafka": kafka}}, MERGE)
    assert answer.status == 200, answer.body
    return int(answer.body["metadata"]["generation"])
