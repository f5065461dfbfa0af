"""The site in its broken state: what exists when the lab starts."""

from typing import Any

from lab import initial_experiment

GITLAB_VERSION = "17.9.2"
MIGRATION = "20241219100359"
FORCE_COPY_MIGRATION = "20250409120000"

# id, description, tags that its jobs need, paused, maximum timeout
RUNNERS: list[tuple[int, str, list[str], bool, int | None]] = [
    (6, "k8s-runner", ["kubernetes"], False, 3600),
    (7, "node5-macos-x86", ["macos", "x86_64"], False, None),
    (8, "node6-macos-arm", ["macos", "arm64"], False, None),
    (9, "node7-linux-arm", ["arm64", "linux"], False, 7200),
    (10, "node8-linux-riscv", ["riscv64", "linux"], True, 14400),
    (11, "pve1-linux-x86", ["debian", "x86_64"], False, None),
    (12, "pve2-linux-x86", ["debian", "x86_64"], False, None),
    (13, "node3-linux-x86", ["ubuntu", "x86_64"], False, 3600),
    (14, "node4-linux-x86", ["ubuntu", "x86_64"], False, 3600),
    (15, "k8s-runner-2", ["kubernetes"], False, 3600),
    (16, "k8s-runner-3", ["kubernetes"], False, 3600),
    (17, "k8s-runner-4", ["kubernetes", "experiment"], False, 86400),
]

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

# name prefix, namespace, labels, container
PODS: list[tuple[str, str, dict[str, str], str]] = [
    ("gitlab-toolbox", "gitlab", {"app": "toolbox", "release": "gitlab"}, "toolbox"),
    ("gitlab-runner", "gitlab-runner", {"app": "gitlab-runner"}, "gitlab-runner"),
    ("gitlab-runner-2", "gitlab-runner", {"app": "gitlab-runner-2"}, "gitlab-runner"),
    ("gitlab-runner-3", "gitlab-runner", {"app": "gitlab-runner-3"}, "gitlab-runner"),
    ("gitlab-runner-4", "gitlab-runner", {"app": "gitlab-runner-4"}, "gitlab-runner"),
]


def runner(number: int, description: str, paused: bool, timeout: int | None) -> dict[str, Any]:
    """Return a runner as it is after the tags were lost."""
    return {
        "id": number,
        "description": description,
        "name": "gitlab-runner",
        "runner_type": "instance_type",
        "is_shared": True,
        "active": not paused,
        "paused": paused,
        "online": True,
        "status": "paused" if paused else "online",
        "ip_address": None,
        "tag_list": [],
        # No job without tags may start here; only the first runner takes those.
        "run_untagged": number == 6,
        "locked": False,
        "maximum_timeout": timeout,
        "access_level": "not_protected",
        "version": "17.9.1",
        "contacted_at": "2026-02-23T09:58:12.000Z",
        "maintenance_note": "bare metal" if description.startswith("node") else None,
        "projects": [],
        "groups": [],
    }


def objects() -> list[dict[str, Any]]:
    """Return the Kubernetes objects other than pods."""
    namespaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}}
        for name in ("default", "gitlab", "gitlab-runner", "databases", "kafka")
    ]
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
    return [*namespaces, script, cron_job, *initial_experiment.objects()]
