"""The cluster in its broken state: pods, the tag enforcer, the experiment's objects."""

from pathlib import Path
from typing import Any

import lab.gitlab.rake
import lab.kafka.client
from lab.kafka.client import PROGRAMS as PROGRAMS_OF_KAFKA
from lab.kafka.initial import NODES
from lab.kubernetes import initial
from lab.kubernetes.workloads.templates import Template
from lab.site.dedup import experiment
from lab.site.dedup.gitlab import RUNNERS

# container -> the programs on its PATH, and what runs as that
PROGRAMS = {
    "toolbox": {"gitlab-rake": Path(lab.gitlab.rake.__file__)},
    "kafka": dict.fromkeys(PROGRAMS_OF_KAFKA, Path(lab.kafka.client.__file__)),
}

OLD_SCRIPT = "\n".join(
    [
        "#!/bin/sh",
        "# sets the runner tags again, they keep getting lost",
        "set_tags() {",
        '  curl -sk -X PUT -H "PRIVATE-TOKEN: $GITLAB_TOKEN" \\',
        '    "$GITLAB_URL/api/v4/runners/$1" -d "tag_list=$2"',
        "}",
        *(f'set_tags {number} "{",".join(tags)}"' for number, _, tags, _, _ in RUNNERS),
        "",
    ]
)

NAMESPACES = (
    "default", "gitlab", "gitlab-runner",
    "databases", "cockroach-operator-system", "redis", "kafka", "minio",
)  # fmt: skip

# name prefix, namespace, labels, container
PODS: list[tuple[str, str, dict[str, str], str]] = [
    ("gitlab-toolbox", "gitlab", {"app": "toolbox", "release": "gitlab"}, "toolbox"),
    ("gitlab-runner", "gitlab-runner", {"app": "gitlab-runner"}, "gitlab-runner"),
    ("gitlab-runner-2", "gitlab-runner", {"app": "gitlab-runner-2"}, "gitlab-runner"),
    ("gitlab-runner-3", "gitlab-runner", {"app": "gitlab-runner-3"}, "gitlab-runner"),
    ("gitlab-runner-4", "gitlab-runner", {"app": "gitlab-runner-4"}, "gitlab-runner"),
]


def templates() -> list[Template]:
    """Return what the pods of the site are made from."""
    heap = {"KAFKA_HEAP_OPTS": "-Xms3g -Xmx3g"}  # The broker's own: a program needs another one.
    nodes = [Template(n, "kafka", labels, "kafka", True, heap) for n, labels in NODES.items()]
    return [*(Template(*pod) for pod in PODS), *nodes]


def objects() -> list[dict[str, Any]]:
    """Return the Kubernetes objects other than pods."""
    cluster = initial.objects(NAMESPACES)
    script = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "runner-tag-enforcer-script", "namespace": "gitlab-runner"},
        "data": {"enforce.sh": OLD_SCRIPT},
    }
    container = {
        "name": "enforcer",
        "image": "curlimages/curl:8.11.1",
        "command": ["sh", "/script/enforce.sh"],
        "env": [
            {"name": "GITLAB_URL", "value": "https://gitlab.example"},
            {
                "name": "GITLAB_TOKEN",
                "valueFrom": {"secretKeyRef": {"name": "runner-tag-enforcer", "key": "token"}},
            },
        ],
    }
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    cron_job = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "runner-tag-enforcer", "namespace": "gitlab-runner"},
        "spec": {
            "schedule": "* * * * *",
            "suspend": False,
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": {"template": template}},
        },
        "status": {},
    }
    return [*cluster, script, cron_job, *experiment.objects()]
