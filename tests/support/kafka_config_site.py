"""What the tests of kafka_config share."""

import json
import re
from typing import Any

import yaml
from lab_process import Lab
from remotes import file_of, log_of

KEY = "config.json"
JSON_FILE, CONFIG_MAP_FILE = "src/cpp/config.example.json", "k8s/base/configmap.yaml"
OBJECT = ("configmaps", "databases", "dedup-experiment-config")
TITLE = "Set the endpoint of Kafka's clients in both configurations"
KAFKA = "databases[?@.system == 'kafka']"
BOOTSTRAP = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local:9094"
WANTED = {"port": 9094, "user": "dedup-lab", "password": ""}
OLD_PASSWORD = "dedup-lab-old"
PATCH = "PATCH /api/v1/namespaces/databases/configmaps/dedup-experiment-config"
COMMITS = "POST /api/v4/projects/280/repository/commits"


def in_cluster(lab: Lab) -> str:
    return lab.object("ConfigMap", "dedup-experiment-config")["data"][KEY]


def places(lab: Lab) -> dict[str, str]:
    """The text of the document in each of the three places."""
    return {
        "ConfigMap": in_cluster(lab),
        JSON_FILE: file_of(lab, JSON_FILE),
        CONFIG_MAP_FILE: yaml.safe_load(file_of(lab, CONFIG_MAP_FILE))["data"][KEY],
    }


def kafka_of(text: str) -> dict[str, Any]:
    [kafka] = [one for one in json.loads(text)["databases"] if one["system"] == "kafka"]
    return kafka


def wanted(text: str) -> str:
    """A text as it has to be then: four values are others, and no other character is."""
    for old, new in (
        (r'"port": 9092,\n( *)"user": ""', r'"port": 9094,\n\1"user": "dedup-lab"'),
        (rf'"password": "{OLD_PASSWORD}"', '"password": ""'),
        (r'"kafka_bootstrap": "(\S+):9092"', r'"kafka_bootstrap": "\1:9094"'),
    ):
        text, count = re.subn(old, new, text)
        assert count == 1
    return text


def is_done(lab: Lab, start: str) -> None:
    for place, text in places(lab).items():
        assert {name: kafka_of(text)[name] for name in WANTED} == WANTED, place
        assert json.loads(text)["metrics_trace"]["kafka_bootstrap"] == BOOTSTRAP, place
    assert log_of(lab, start).count(TITLE) == 1
