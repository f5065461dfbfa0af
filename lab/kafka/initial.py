"""Kafka as Strimzi runs it: what exists when the lab starts.

KRaft, in two node pools: brokers, and controllers beside them that look like brokers but for their
roles. https://strimzi.io/docs/operators/0.49.1/configuring
"""

import base64
from typing import Any

from lab.kubernetes.resources import STRIMZI

API_VERSION = f"{STRIMZI}/v1beta2"
NAMESPACE = "kafka"
CLUSTER = "kafka-cluster"
USER = "dedup-lab"
VERSION = "4.1.1"
BOOTSTRAP = f"{CLUSTER}-kafka-bootstrap"
POOLS = {"kafka": ("broker", range(3)), "controller": ("controller", range(3, 6))}


def _labels(pool: str, role: str, pod: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "kafka",
        "app.kubernetes.io/managed-by": "strimzi-cluster-operator",
        "strimzi.io/broker-role": "true" if role == "broker" else "false",
        "strimzi.io/cluster": CLUSTER,
        "strimzi.io/component-type": "kafka",
        "strimzi.io/controller-role": "true" if role == "controller" else "false",
        "strimzi.io/kind": "Kafka",
        "strimzi.io/name": f"{CLUSTER}-kafka",  # of both
        "strimzi.io/pod-name": pod,
        "strimzi.io/pool-name": pool,
    }


# name of a pod -> its labels
NODES: dict[str, dict[str, str]] = {
    f"{CLUSTER}-{pool}-{number}": _labels(pool, role, f"{CLUSTER}-{pool}-{number}")
    for pool, (role, numbers) in POOLS.items()
    for number in numbers
}
# name of a broker's pod -> the number of the broker
BROKERS = {f"{CLUSTER}-kafka-{number}": number for number in POOLS["kafka"][1]}

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
    pools = [_pool(name, role, len(numbers)) for name, (role, numbers) in POOLS.items()]
    return [kafka(), *pools, _user(), secret(password)]


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


def _pool(name: str, role: str, replicas: int) -> dict[str, Any]:
    volume = {"id": 0, "type": "persistent-claim", "size": "100Gi", "deleteClaim": False}
    return {
        "apiVersion": API_VERSION,
        "kind": "KafkaNodePool",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": {"strimzi.io/cluster": CLUSTER},
        },
        "spec": {
            "replicas": replicas,
            "roles": [role],
            "storage": {"type": "jbod", "volumes": [volume]},
            "resources": {"limits": {"memory": "4Gi"}},
        },
    }


def kafka() -> dict[str, Any]:
    """Return the Kafka resource."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Kafka",
        "metadata": {
            "name": CLUSTER,
            "namespace": NAMESPACE,
            "labels": {"app": "kafka", "environment": "research"},
            "annotations": {"strimzi.io/node-pools": "enabled", "strimzi.io/kraft": "enabled"},
        },
        "spec": {
            "kafka": {
                "version": VERSION,
                "metadataVersion": "4.1-IV1",
                "listeners": LISTENERS,
                "authorization": {"type": "simple", "superUsers": ["ANONYMOUS"]},
                "config": {
                    "auto.create.topics.enable": False,
                    "default.replication.factor": 3,
                    "log.retention.hours": 72,
                    "min.insync.replicas": 2,
                    "offsets.topic.replication.factor": 3,
                    # Somebody tried this place first. It does nothing.
                    "super.users": "User:ANONYMOUS",
                    "transaction.state.log.min.isr": 2,
                    "transaction.state.log.replication.factor": 3,
                },
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
