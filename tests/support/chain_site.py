"""What the tests of the chain to Kafka's login share: its links, and what breaks them."""

import base64
import re
from collections.abc import Callable

from cluster import Cluster
from gitlab.v4.objects import Project
from lab_process import Lab, Pyinfra

CI, CLIENT = ".gitlab-ci.yml", "src/cpp/connectors/kafka_connector.cpp"
ACCESS = "src/cpp/config.hpp"
RIGHTS, SOURCE, LIBRARY = "rights of the user", "the client's source", "the client's library"
USER, SECRET, VARIABLE, LOGIN = (
    *("KafkaUser is Ready", "Secret has its keys", "CI/CD variable", "login with SCRAM"),
)
PORT, PLAIN = "the port in CI", "connection without login"
LINKS = [USER, RIGHTS, SECRET, VARIABLE, CI, SOURCE, LIBRARY, PORT, LOGIN]
ALL_LINKS = [*LINKS, PLAIN]
NAME = "DEDUP_KAFKA_PASSWORD"
USER_STATUS = "/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkausers/dedup-lab/status"
MERGE = "application/merge-patch+json"
BROKERS = "strimzi.io/broker-role=true"
SELECTOR = f"strimzi.io/cluster=kafka-cluster,{BROKERS}"


def verify(pyinfra: Pyinfra, *arguments: str) -> tuple[int, dict[str, tuple[bool, str]], str]:
    """Run it; return the exit code, for each link whether it holds and what was seen, the output.

    What was seen is returned without spaces: the table is wrapped.
    """
    code, output = pyinfra.deploy("verify_kafka_sasl", "-y", "--limit", "kafka_broker", *arguments)
    return code, links(output), output


def links(output: str) -> dict[str, tuple[bool, str]]:
    found: dict[str, tuple[bool, str]] = {}
    name = ""
    for line in output.splitlines():
        row = re.match(rf" +({'|'.join(map(re.escape, ALL_LINKS))}) +(yes|NO|-) +(.*)", line)
        if row:
            name = row[1]
            found[name] = (row[2] != "NO", "".join(row[3].split()))
        elif name and line.startswith(" " * 30):
            found[name] = (found[name][0], found[name][1] + "".join(line.split()))
        else:
            name = ""
    return found


Break = Callable[[Lab, Cluster, Project], object]


def user_status(**status: object) -> Break:
    return lambda lab, cluster, project: cluster.request(
        "PATCH", USER_STATUS, {"status": status}, MERGE
    )


def secret(**data: str | None) -> Break:
    encoded = {
        name.replace("_", "."): None if text is None else base64.b64encode(text.encode()).decode()
        for name, text in data.items()
    }
    return lambda lab, cluster, project: cluster.patch(
        "secrets", "kafka", "dedup-lab", {"data": encoded}
    )


def variable(**changes: object) -> Break:
    return lambda lab, cluster, project: project.variables.update(NAME, changes)


def no_variable(lab: Lab, cluster: Cluster, project: Project) -> None:
    project.variables.delete(NAME)


def hidden_variable(lab: Lab, cluster: Cluster, project: Project) -> None:
    value = project.variables.get(NAME).value
    project.variables.delete(NAME)
    project.variables.create({"key": NAME, "value": value, "masked_and_hidden": True})


def edit(path: str, old: str, new: str) -> Break:
    def broken(lab: Lab, cluster: Cluster, project: Project) -> None:
        text = project.files.raw(path, ref="development").decode()
        assert old in text
        files = {path: text.replace(old, new)}
        lab.fault(action="commit", remote="gitlab", branch="development", files=files)

    return broken


def no_file(lab: Lab, cluster: Cluster, project: Project) -> None:
    lab.fault(action="commit", remote="gitlab", branch="development", files={CLIENT: None})


def no_listener(lab: Lab, cluster: Cluster, project: Project) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.2)
    patch = {"spec": {"kafka": {"listeners": [{"name": "plain", "port": 9092, "tls": False}]}}}
    lab.fault(action="patch_object", kind="Kafka", patch=patch)
    lab.wait(lambda: lab.state()["kafka"]["observedGeneration"] == 2)


def no_broker(lab: Lab, cluster: Cluster, project: Project) -> None:
    lab.fault(action="never_ready", label=BROKERS)
    for number in range(3):
        path = f"/api/v1/namespaces/kafka/pods/kafka-cluster-kafka-{number}"
        cluster.request("DELETE", path, {"gracePeriodSeconds": 0})


def no_project(lab: Lab, cluster: Cluster, project: Project) -> None:
    lab.fault(
        system="gitlab", method="GET", path="/projects/280/variables", action="status",
        status=503, times=-1,
    )  # fmt: skip
