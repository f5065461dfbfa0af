"""GitLab: runners that lose their tags until the database is repaired, and its migrations.

Rules after https://docs.gitlab.com/api/runners/ and lib/api/ci/runners.rb.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from lab import initial

PUT_FIELDS = {
    "description", "active", "paused", "tag_list", "run_untagged", "locked", "access_level",
    "maximum_timeout", "maintenance_note",
}  # fmt: skip
BACKGROUND_JOB = "BackfillCiRunnersPartitionedTable"


class Refused(Exception):
    """A request that GitLab refuses, with status and message."""

    def __init__(self, status: int, message: Any, key: str = "message") -> None:
        super().__init__(message)
        self.status = status
        self.body = {key: message}


class GitLab:
    """State and rules of the GitLab installation; it knows nothing of HTTP."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Go back to the broken state of the beginning."""
        self.version = initial.GITLAB_VERSION
        self.runners = {
            number: initial.runner(number, description, paused, timeout)
            for number, description, _, paused, timeout in initial.RUNNERS
        }
        self.loss_delay = 1.0
        self.repaired = False
        self.repair_works = True
        self.decomposed = False
        self.migrations = {initial.MIGRATION: "up", initial.FORCE_COPY_MIGRATION: "up"}
        self.background = [_background(71, datetime.now(UTC) - timedelta(days=60), "finished")]
        self.events: list[dict[str, Any]] = []
        self._generation = getattr(self, "_generation", 0) + 1

    def state(self) -> dict[str, Any]:
        """Return everything for `GET /state`."""
        names = ("version", "runners", "repaired", "migrations", "background", "events")
        return {name: getattr(self, name) for name in names}

    def runner(self, number: int) -> dict[str, Any]:
        """Return a runner; raise Refused 404 where there is none."""
        if number not in self.runners:
            raise Refused(404, "404 Not found")
        return self.runners[number]

    def update_runner(self, number: int, changes: dict[str, Any]) -> dict[str, Any]:
        """Change the settings of a runner as PUT /runners/:id does, and return it."""
        runner = self.runner(number)
        given = {name: value for name, value in changes.items() if name in PUT_FIELDS}
        if not given:
            raise Refused(
                400, f"{', '.join(sorted(PUT_FIELDS))} are missing, at least one", "error"
            )
        if "active" in given and "paused" in given:
            raise Refused(400, "active, paused are mutually exclusive", "error")
        if "tag_list" in given:
            given["tag_list"] = _tags(given["tag_list"])
        if "active" in given:
            given["paused"] = not given["active"]
        wanted = {**runner, **given}
        _validate(runner, wanted)
        if "paused" in given:
            wanted["active"] = not wanted["paused"]
            wanted["status"] = _status(wanted)
        runner.update(wanted)
        if "tag_list" in given:
            self._lose_later(number)
        return runner

    def set_tags(self, number: int, tags: list[str], who: str) -> None:
        """Set tags without the API: the enforcer, or a test that prepares a state."""
        if number in self.runners:
            self.runners[number]["tag_list"] = list(tags)
            self._event(who, runner=number, tags=list(tags))
            self._lose_later(number)

    def lose_tags(self, numbers: list[int]) -> None:
        """Empty the tags of runners, as the bug does."""
        for number in numbers:
            if number in self.runners and self.runners[number]["tag_list"]:
                self.runners[number]["tag_list"] = []
                self._event("tags lost", runner=number)

    def migrate(self, version: str, direction: str, force_copy: bool) -> None:
        """Commit a migration; what it brings about depends on which one it is."""
        was = self.migrations[version]
        self.migrations[version] = "up" if direction == "up" else "down"
        self._event(f"migration {direction}", version=version)
        if version == initial.FORCE_COPY_MIGRATION:
            if direction == "up" and force_copy and self.repair_works:
                self._copy_old_table()
            return
        if direction == "down":
            self.background = []
        elif was == "down":
            self.background = [_background(72, datetime.now(UTC), "active")]
            self._later(1.0, lambda: self.background[-1].update(status="finished", progress=100.0))
            swapped = tuple(map(int, self.version.split(".")[:2])) >= (17, 10)
            self.repaired = self.repair_works and not swapped

    def _copy_old_table(self) -> None:
        self.repaired = True
        for number, _, tags, _, _ in initial.RUNNERS:
            if number in self.runners:
                self.runners[number]["tag_list"] = list(tags)

    def _lose_later(self, number: int) -> None:
        def lose() -> None:
            if not self.repaired:
                self.lose_tags([number])

        self._later(self.loss_delay, lose)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        generation = self._generation

        def act() -> None:
            if generation == self._generation:
                action()

        asyncio.get_running_loop().call_later(seconds, act)

    def _event(self, what: str, **details: Any) -> None:
        self.events.append({"time": time.time(), "event": what, **details})


def _status(runner: dict[str, Any]) -> str:
    if runner["paused"]:
        return "paused"
    return "online" if runner["online"] else "offline"


def _tags(value: Any) -> list[str]:
    """Coerce like GitLab: text and elements are split at commas, other types are an empty list."""
    parts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    tags = [tag.strip() for part in parts for tag in str(part).split(",")]
    return list(dict.fromkeys(tag for tag in tags if tag))


def _validate(before: dict[str, Any], after: dict[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    if not after["tag_list"] and not after["run_untagged"]:
        text = "can not be empty when runner is not allowed to pick untagged jobs"
        errors["tags_list"] = [text]
    if after["tag_list"] != before["tag_list"] and len(after["tag_list"]) > 50:
        errors["tags_list"] = ["Too many tags specified. Please limit the number of tags to 50"]
    timeout = after["maximum_timeout"]
    if timeout is not None and int(timeout) < 600:
        errors["maximum_timeout"] = ["needs to be at least 10 minutes"]
    if after["access_level"] not in ("not_protected", "ref_protected"):
        raise Refused(400, "access_level does not have a valid value", "error")
    if len(after["description"] or "") > 1024:
        errors["description"] = ["is too long (maximum is 1024 characters)"]
    if errors:
        raise Refused(400, errors)


def _background(number: int, created: datetime, status: str) -> dict[str, Any]:
    return {
        "id": number,
        "job_class_name": BACKGROUND_JOB,
        "table_name": "ci_runners",
        "column_name": "id",
        "status": status,
        "progress": 100.0 if status == "finished" else 0.0,
        "created_at": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
