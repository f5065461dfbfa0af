"""GitLab in its broken state: what exists when the lab starts."""

from typing import Any

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
