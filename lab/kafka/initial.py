"""Kafka as Strimzi runs it: what exists when the lab starts.

https://strimzi.io/docs/operators/0.45.0/configuring
"""

import base64
from typing import Any

from lab.kubernetes.resources import STRIMZI

API_VERSION = f"{STRIMZI}/v1beta2"
NAMESPACE = "kafka"
CLUSTER = "kafka-cluster"
USER = "dedup-lab"
VERSION = "3.9.0"
BOOTSTRAP = f"{CLUSTER}-kafka-bootstrap"

# name of a broker pod -> its labels
BROKERS: dict[str, dict[str, str]] = {
    f"{CLUSTER}-kafka-{number}": {
        "app.kubernetes.io/name": "kafka",
        "app.kubernetes.io/managed-by": "strimzi-cluster-operator",
        "strimzi.io/cluster": CLUSTER,
        "strimzi.io/kind": "Kafka",
        "strimzi.io/name": f"{CLUSTER}-kafka",
        "strimzi.io/pod-name": f"{CLUSTER}-kafka-{number}",
    }
    for number in range(3)
}

LISTENERS: list[dict[str, Any]] = [
    {"name": "plain", "port": 9092, "type": "internal", "tls": False},
    {"name": "tls", "port": 9093, "type": "internal", "tls": True},
    {
        "name": "scram",
        "port": 9094,
        "type": "internal",
        "tls": False,
        "authentication": {"type": "scram-sha-512"},
    },
]


def objects(password: str) -> list[dict[str, Any]]:
    """Return the objects of the namespace.

    + password: that of the user
    """
    return [_kafka(), _user(), secret(password)]


def secret(password: str) -> dict[str, Any]:
    """Return the Secret in which the user operator puts a password."""
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    jaas = f'{module} required username="{USER}" password="{password}";'
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": USER,
            "namespace": NAMESPACE,
            "labels": {
                "app.kubernetes.io/managed-by": "strimzi-user-operator",
                "strimzi.io/cluster": CLUSTER,
                "strimzi.io/kind": "KafkaUser",
            },
        },
        "type": "Opaque",
        "data": {"password": _base64(password), "sasl.jaas.config": _base64(jaas)},
    }


def _kafka() -> dict[str, Any]:
    storage = {
        "type": "jbod",
        "volumes": [
            {"id": 0, "type": "persistent-claim", "size": "100Gi", "deleteClaim": False},
        ],
    }
    return {
        "apiVersion": API_VERSION,
        "kind": "Kafka",
        "metadata": {
            "name": CLUSTER,
            "namespace": NAMESPACE,
            "labels": {"app": "kafka", "environment": "research"},
            "annotations": {"strimzi.io/node-pools": "disabled", "strimzi.io/kraft": "disabled"},
        },
        "spec": {
            "kafka": {
                "version": VERSION,
                "replicas": len(BROKERS),
                "listeners": LISTENERS,
                "authorization": {"type": "simple"},
                "config": {
                    "auto.create.topics.enable": False,
                    "default.replication.factor": 3,
                    "inter.broker.protocol.version": "3.9",
                    "log.retention.hours": 72,
                    "min.insync.replicas": 2,
                    "offsets.topic.replication.factor": 3,
                    "super.users": "User:ANONYMOUS",
                    "transaction.state.log.min.isr": 2,
                    "transaction.state.log.replication.factor": 3,
                },
                "resources": {
                    "requests": {"cpu": "500m", "memory": "4Gi"},
                    "limits": {"memory": "4Gi"},
                },
                "storage": storage,
            },
            "zookeeper": {
                "replicas": 3,
                "storage": {"type": "persistent-claim", "size": "10Gi", "deleteClaim": False},
            },
            "entityOperator": {"topicOperator": {}, "userOperator": {}},
        },
    }


def _user() -> dict[str, Any]:
    topic = {"type": "topic", "name": "dedup-", "patternType": "prefix"}
    group = {"type": "group", "name": "dedup-", "patternType": "prefix"}
    return {
        "apiVersion": API_VERSION,
        "kind": "KafkaUser",
        "metadata": {
            "name": USER,
            "namespace": NAMESPACE,
            "labels": {"strimzi.io/cluster": CLUSTER},
        },
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {
                "type": "simple",
                "acls": [
                    {
                        "resource": topic,
                        "operations": ["Create", "Describe", "Read", "Write"],
                        "host": "*",
                    },
                    {"resource": group, "operations": ["Read"], "host": "*"},
                ],
            },
        },
    }


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
