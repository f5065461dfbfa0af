"""The configuration of the experiment and the rights of its CI job, as they are at the start."""

from typing import Any

from lab.kubernetes.resources import RBAC

NAMESPACE = "databases"
CONFIG_MAP = "dedup-experiment-config"

# Laid out by hand, as people write it. Kafka is still reached without authentication, with a
# password that nobody needs any more.
CONFIG = """\
{
  "experiment": {
    "title": "Deduplikation über sieben Systeme",
    "grades": ["U0", "U50", "U90"],
    "grade_ratios": {"U90": 0.9, "U50": 0.50001, "U0": 0.0},
    "payload_bytes": [[512, 4096], [65536], []],
    "epsilon": 1e-09,
    "repetitions": 3,
    "results": null
  },

  "databases": [
    {
      "system": "postgresql",
      "host": "postgres-lab.databases.svc.cluster.local", "port": 5432,
      "user": "dedup-lab",
      "password": "",
      "database": "dedup_lab",
      "sslmode": "prefer"
    },
    {
      "system": "cockroachdb",
      "port": 26257,
      "host": "cockroachdb-public.cockroach-operator-system.svc.cluster.local",
      "user": "dedup-lab",
      "password": "",
      "database": "dedup_lab",
      "retry": {"attempts": 5, "backoff_seconds": [0.25, 0.5, 1.0, 2.0, 4.0]}
    },
    {
      "system": "mariadb",
      "host": "mariadb.databases.svc.cluster.local",
      "port": 3306,
      "user": "dedup-lab",
      "password": "",
      "charset": "utf8mb4"
    },
    {
      "system": "clickhouse",
      "host": "clickhouse.databases.svc.cluster.local",
      "port": 8123,
      "user": "dedup-lab",
      "password": "",
      "compression_ratio_floor": 1.0,
      "max_block_bytes": 1048576
    },

    {
      "system": "redis",
      "nodes": [
        ["redis-cluster-0.redis.svc.cluster.local", 6379],
        ["redis-cluster-1.redis.svc.cluster.local", 6379]
      ],
      "password": "",
      "cluster": true
    },
    {
      "system": "kafka",
      "_comment": "\\"port\\": 9092 is the listener where nobody logs in",
      "host": "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local",
      "port": 9092,
      "user": "",
      "password": "dedup-lab-old",
      "topic_prefix": "dedup-"
    },
    {
      "system": "minio",
      "endpoint": "http://minio-lab.minio.svc.cluster.local:9000",
      "access_key": "dedup-lab",
      "password": "",
      "bucket": "dedup-lab"
    }
  ],

  "metrics_trace": {
    "kafka_bootstrap": "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local:9092",
    "topics": ["dedup-metrics"]
  }
}
"""


def objects() -> list[dict[str, Any]]:
    """Return the ConfigMap of the experiment, and what its job may do."""
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": CONFIG_MAP,
            "namespace": NAMESPACE,
            "labels": {"app": "dedup-experiment"},
        },
        "data": {"config.json": CONFIG},
    }
    return [config_map, _dashboard(), *_reset_access()]


def _dashboard() -> dict[str, Any]:
    # It has read the file when it started, before somebody wrote the ConfigMap last.
    started, template = "2026-02-20T07:12:41Z", "5d8c7b9f6d"
    owner = {
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": True,
        "name": f"dedup-dashboard-{template}", "uid": "6c1f0e0a-8f6b-4a57-9a53-3f0d5a4f1b7e",
    }  # fmt: skip
    labels = {"app": "dedup-dashboard", "pod-template-hash": template}
    mount = {"name": "configuration", "mountPath": "/etc/dedup"}
    container = {"name": "web", "image": "dedup-dashboard:v3", "volumeMounts": [mount]}
    volume = {"name": "configuration", "configMap": {"name": CONFIG_MAP}}
    status = {"name": "web", "ready": True, "restartCount": 0, "image": "dedup-dashboard:v3"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"dedup-dashboard-{template}-xk2lp",
            "namespace": NAMESPACE,
            "labels": labels,
            "ownerReferences": [owner],
        },
        "spec": {"containers": [container], "volumes": [volume]},
        "status": {
            "phase": "Running",
            "startTime": started,
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{**status, "state": {"running": {"startedAt": started}}}],
        },
    }


def _reset_access() -> list[dict[str, Any]]:
    # As somebody made it by hand: what the job needs, and that in all namespaces.
    role = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "experiment-reset-access", "labels": {"app": "dedup-experiment"}},
        "rules": [
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
            {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]},
            {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
        ],
    }
    account = {"kind": "ServiceAccount", "name": "gitlab-runner", "namespace": "gitlab-runner"}
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "experiment-reset-binding"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "experiment-reset-access"},
        "subjects": [account],
    }
    return [role, binding]
