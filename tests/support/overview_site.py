"""What the tests of overview share."""

import json
import re
from datetime import date, timedelta

LOOK = ("inventory.py", "deploys/overview.py", "--dry")
TOMORROW = date.today() + timedelta(days=1)
AREAS = [
    "Runners",
    "Enforcer and migration",
    "Pipelines of development",
    "CI/CD configuration",
    "Branches",
    "Kafka",
    "Experiment configuration",
    "CI/CD variables",
    "Rights of the experiment's jobs",
]
WIPED = "12 of 12 runners have no tags at once (GitLab issue 524402): fix_tags"
PAUSED = "runner 10 (node8-linux-riscv) is paused"
# In the order in which to act: the cause first, and what waits for the tags after it.
HANDS = [
    WIPED,
    "the enforcer has not its regular schedule, so tags are not proven to last: fix_tags",
    PAUSED,
    "CI/CD variable is not OK: ci_variables",
    "missing: DEDUP_REDIS_PASSWORD, DEDUP_MINIO_PASSWORD, DEDUP_KAFKA_PASSWORD: ci_variables",
    "not masked: DEDUP_CRDB_PASSWORD: ci_variables",
    "experiment:build does not run for 3 wanted paths: widen_changes_filter",
    "the configuration of Kafka is not as wanted everywhere: kafka_config",
    "obsolete and active: 6932: pipelines",
    "build-debian-x86 waits for tags that are lost: unblock_pipeline",
    "build-ubuntu-x86 waits for tags that are lost: unblock_pipeline",
    "build-macos-arm waits for tags that are lost: unblock_pipeline",
    "experiment:build waits for tags that are lost: unblock_pipeline",
    "User:ANONYMOUS is a super user: revert_super_users",
    "super.users in spec.kafka.config does nothing, but looks as if: revert_super_users",
    "master of gitlab is not at development: sync_master",
    "master of github is not at development: sync_master",
]


def areas(output: str) -> dict[str, str]:
    """The areas that are shown, with `ok` or `needs attention`."""
    return dict(re.findall(r"^(\S.*): (ok|needs attention)$", output, re.MULTILINE))


def hands(output: str) -> list[str]:
    """What needs attention, from the list at the end."""
    if "Nothing needs attention." in output:
        return []
    count, listed = re.findall(
        r"^(\d+) things? needs? attention:\n((?: {4}.*\n)*)", output, re.MULTILINE
    )[0]
    lines = [line.strip() for line in listed.splitlines()]
    assert len(lines) == int(count)
    return lines


def known(**exception: str) -> tuple[str, str]:
    """The arguments that make something a known exception, until tomorrow unless that is said."""
    values = {"reason": "its disk is replaced", "until": str(TOMORROW), **exception}
    return "--data", f"known_exceptions={json.dumps([values])}"
