"""What gitlab-rake does in the toolbox: the tasks of db:migrate, slowly, and never two at once."""

import os
import re
from dataclasses import dataclass
from typing import Any

from lab.gitlab import initial
from lab.gitlab.state import GitLab

CLASSES = {
    initial.MIGRATION: "RequeueBackfillCiRunnersPartitionedTable",
    initial.FORCE_COPY_MIGRATION: "EnsureRunnerTaggingsExistTry2",
}
NAMES = {
    initial.MIGRATION: "Requeue backfill ci runners partitioned table",
    initial.FORCE_COPY_MIGRATION: "Ensure runner taggings exist try2",
}


@dataclass
class Call:
    """A run of gitlab-rake."""

    task: str
    version: str
    pod: str
    pid: int
    force_copy: bool
    state: str = "running"
    result: str = ""
    locked: bool = False


class Toolbox:
    """The runs of gitlab-rake and their rules; `lab/gitlab/rake.py` is the program that asks."""

    def __init__(self, gitlab: GitLab) -> None:
        self.gitlab = gitlab
        self.reset()

    def reset(self) -> None:
        """Forget all runs, and take the usual time again."""
        self.calls: list[Call] = []
        self.boot = 0.4
        self.down = 0.8
        self.up = 0.8

    def state(self) -> list[dict[str, Any]]:
        """Return all runs for `GET /state`; one whose process is gone was killed."""
        self._notice_killed()
        return [
            {
                "task": c.task,
                "version": c.version,
                "pod": c.pod,
                "state": c.state,
                "result": c.result,
            }
            for c in self.calls
        ]

    def start(self, call: dict[str, Any]) -> dict[str, Any]:
        """Note a run, and say how long Rails takes to boot."""
        self.calls.append(Call(**call))
        return {"number": len(self.calls) - 1, "seconds": self.boot}

    def begin(self, number: int) -> dict[str, Any]:
        """Return what the task prints first, and how long it takes."""
        call = self.calls[number]
        task, _, suffix = call.task.removeprefix("db:migrate:").partition(":")
        if not call.task.startswith("db:migrate:") or task not in ("up", "down", "status"):
            return self._end(call, 1, [], [f"Don't know how to build task '{call.task}'"])
        if suffix and not self.gitlab.decomposed:
            return self._end(call, 1, [], [f"Don't know how to build task '{call.task}'"])
        if self.gitlab.decomposed and not suffix and task != "status":
            tasks = f"db:migrate:{task}:main, db:migrate:{task}:ci"
            text = f"RuntimeError: You're using a multiple database application. Use {tasks}"
            return self._end(call, 1, [], ["rake aborted!", text])
        if task == "status":
            return self._end(call, 0, self._status(), [])
        if not call.version:
            return self._end(call, 1, [], ["rake aborted!", "VERSION is required"])
        if call.version not in self.gitlab.migrations:
            text = f"ActiveRecord::UnknownMigrationVersionError: No migration {call.version}"
            return self._end(call, 1, [], ["rake aborted!", text])
        if suffix == "main":
            text = "-- The migration is skipped since it modifies the schemas: [gitlab_ci]."
            return self._end(call, 0, [f"main: {text}"], [])
        return self._migrate(call, task)

    def finish(self, number: int) -> dict[str, Any]:
        """Commit a migration and return what the task prints last."""
        call = self.calls[number]
        direction = "up" if ":up" in call.task else "down"
        self.gitlab.migrate(call.version, direction, call.force_copy)
        call.locked = False
        word = "migrated" if direction == "up" else "reverted"
        return self._end(call, 0, [_line(call.version, f"{word} (0.8012s)"), ""], [])

    def _migrate(self, call: Call, task: str) -> dict[str, Any]:
        self._notice_killed()
        if any(other.locked for other in self.calls if other is not call):
            text = "ActiveRecord::ConcurrentMigrationError: Cannot run migrations concurrently"
            return self._end(call, 1, [], ["rake aborted!", text])
        if self.gitlab.migrations[call.version] == task:
            return self._end(call, 0, [], [], "nothing to do")
        call.locked = True
        lock = "main: == [advisory_lock_connection] object_id: 120340, pg_backend_pid: 5210"
        verb = "migrating" if task == "up" else "reverting"
        seconds = self.up if task == "up" else self.down
        return {"seconds": seconds, "stdout": [lock, _line(call.version, verb)], "stderr": []}

    def _status(self) -> list[str]:
        rows = {**self.gitlab.migrations, "20241219100200": "up", "20250113151324": "up"}
        lines = ["", "database: gitlabhq_production", ""]
        lines += [" Status   Migration ID    Migration Name", "-" * 50]
        for version, state in sorted(rows.items()):
            lines.append(f"{state:>6}     {version}  {NAMES.get(version, 'Add column')}")
        return [*lines, ""]

    def _end(
        self, call: Call, code: int, stdout: list[str], stderr: list[str], result: str = "done"
    ) -> dict[str, Any]:
        call.state = "finished"
        call.result = result if code == 0 else "failed"
        return {"exit": code, "stdout": stdout, "stderr": stderr}

    def _notice_killed(self) -> None:
        for call in self.calls:
            if call.state == "running" and not _is_alive(call.pid):
                call.state, call.locked = "killed", False


def _line(version: str, text: str) -> str:
    return f"main: == {version} {CLASSES[version]}: {text} ".ljust(90, "=")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:  # A zombie has a pid, too.
            return not re.search(r"\) Z ", file.read())
    except FileNotFoundError:
        return True  # No /proc here: what can be signalled is alive.
    except OSError:
        return False
