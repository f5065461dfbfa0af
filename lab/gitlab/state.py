"""GitLab: runners that lose their tags until the database is repaired, and its migrations.

Rules after https://docs.gitlab.com/api/runners/ and lib/api/ci/runners.rb.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.gitlab import initial
from lab.gitlab.rules import coerce, validate
from lab.server.clock import Clock
from lab.server.refused import Refused

BACKGROUND_JOB = "BackfillCiRunnersPartitionedTable"


class GitLab:
    """State and rules of the GitLab installation; it knows nothing of HTTP.

    + installation: what there is in the beginning
    """

    def __init__(self, installation: initial.Installation, clock: Clock) -> None:
        self.installation = installation
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Go back to the broken state of the beginning."""
        self.version = self.installation.version
        self.runners: dict[int, dict[str, Any]] = {}
        for number, *_ in self.installation.runners:
            self.register_runner(number)
        self.loss_delay = 1.0
        self.tags_vanish_after: float | None = None
        self.repaired = not self.installation.loses_tags
        self.repair_works = True
        self.decomposed = False
        self.migrations = {initial.MIGRATION: "up", initial.FORCE_COPY_MIGRATION: "up"}
        self.background = [_background(71, datetime.now(UTC) - timedelta(days=60), "finished")]
        self._last_background = 71
        self._last_set: dict[int, int] = {}
        self.events: list[dict[str, Any]] = []
        self._generation = getattr(self, "_generation", 0) + 1

    def state(self) -> dict[str, Any]:
        """Return everything for `GET /state`."""
        names = ("version", "runners", "repaired", "migrations", "background", "events")
        return {name: getattr(self, name) for name in names}

    def register_runner(self, number: int, description: str | None = None) -> None:
        """Let a runner be as it was in the beginning, or make a further one."""
        self.runners[number] = self.installation.runner(number, description)

    def runner(self, number: int) -> dict[str, Any]:
        """Return a runner; raise Refused 404 where there is none."""
        if number not in self.runners:
            raise Refused(404, "404 Not found")
        return self.runners[number]

    def update_runner(self, number: int, changes: dict[str, Any]) -> dict[str, Any]:
        """Change the settings of a runner as PUT /runners/:id does, and return it."""
        runner = self.runner(number)
        given = coerce(changes)
        wanted = {**runner, **given}
        validate(runner, wanted)
        wanted["active"] = not wanted["paused"]
        wanted["status"] = _status(wanted)
        runner.update(wanted)
        self._event("runner updated", runner=number, fields=sorted(given))
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
        self.migrations[version] = direction
        self._event(f"migration {direction}", version=version)
        if version == initial.FORCE_COPY_MIGRATION:
            if direction == "up" and (force_copy or self._most_tags_are_lost()):
                self._copy_old_table()
        elif direction == "down":
            self.background = []
        else:
            self._requeue()

    def _requeue(self) -> None:
        self._last_background += 1
        row = _background(self._last_background, datetime.now(UTC), "active")
        self.background = [row]
        # From 17.10 on the job's target is gone: it is queued, fails, and repairs nothing.
        swapped = tuple(map(int, self.version.split(".")[:2])) >= (17, 10)
        end = {"status": "failed"} if swapped else {"status": "finished", "progress": 100.0}
        self._later(1.0, lambda: row.update(end))
        self.repaired = self.repair_works and not swapped

    def _most_tags_are_lost(self) -> bool:
        present = sum(len(runner["tag_list"]) for runner in self.runners.values())
        return present * 2 < sum(len(row[2]) for row in self.installation.runners)

    def _copy_old_table(self) -> None:
        self.repaired = self.repair_works
        for number, _, tags, _, _ in self.installation.runners:
            if number in self.runners:
                self.runners[number]["tag_list"] = list(tags)
                self._event("tags copied", runner=number, tags=list(tags))

    def set_online(self, number: int, online: bool) -> None:
        """Let a runner stop or resume polling for jobs."""
        runner = self.runner(number)
        runner["online"] = online
        runner["status"] = _status(runner)

    def _lose_later(self, number: int) -> None:
        this = self._last_set[number] = self._last_set.get(number, 0) + 1

        def lose(although_repaired: bool) -> None:
            # Tags that were set again since then have a time of their own.
            if self._last_set[number] == this and (although_repaired or not self.repaired):
                self.lose_tags([number])

        self._later(self.loss_delay, lambda: lose(although_repaired=False))
        if self.tags_vanish_after is not None:
            self._later(self.tags_vanish_after, lambda: lose(although_repaired=True))

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        generation = self._generation

        def act() -> None:
            if generation == self._generation:
                action()

        self.clock.later(seconds, act)

    def _event(self, what: str, **details: Any) -> None:
        self.events.append({"time": time.time(), "event": what, **details})


def _status(runner: dict[str, Any]) -> str:
    if runner["paused"]:
        return "paused"
    return "online" if runner["online"] else "offline"


def _background(number: int, created: datetime, status: str) -> dict[str, Any]:
    return {
        "id": number,
        "job_class_name": BACKGROUND_JOB,
        "table_name": "ci_runners",
        "column_name": "id",
        "status": status,
        "progress": 100.0 if status == "finished" else 0.0,
        "estimated_time_remaining": None,
        "created_at": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
