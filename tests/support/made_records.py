"""Records that a test makes itself, without pyinfra."""

from pathlib import Path
from typing import Any

from ops.records.keeper import Keeper

TOLD = {
    "user": "somebody", "host": "a-machine", "revision": None, "arguments": ["inventory.py"],
    "versions": dict.fromkeys(("python", "pyinfra", "python-gitlab", "kubernetes", "paramiko")),
}  # fmt: skip


def document(word: str = "Done", **more: Any) -> dict[str, Any]:
    """Return the document of a run, as the schema says."""
    verdict = {
        "word": word, "headline": "a_job", "error": None, "next": None,
        **{name: [] for name in ("changed", "changed_in_part", "proven", "left", "not_done",
                                 "put_back", "moved", "blocked")},
    }  # fmt: skip
    return {
        "format": 1, "job": "a_job", "inventory": "inventory.py", "is_preview": False,
        "began": "2026-11-28T03:00:00.000+01:00", "ended": "2026-11-28T03:00:14.000+01:00",
        "duration": 14.0, "verdict": verdict, "exit_code": 0, "window": None, "plan": [],
        "results": [], "attention": [], "lock": None, "known": [],
        "observed": {"tags": [], "pipelines": [], "chains": []}, **more,
    }  # fmt: skip


def keeper(directory: Path, count: int = 100, days: float = 100) -> Keeper:
    """Return what keeps the record of a run; a warning is an error."""

    def warn(what: str, reason: str) -> None:
        raise AssertionError(f"{what}: {reason}")

    return Keeper(directory, count, days, warn)


def made(directory: Path, job: str = "a_job", **more: Any) -> str:
    """Make the record of a run that has ended, and return its name."""
    kept = keeper(directory)
    kept.begin(job, TOLD, document("Running", exit_code=None))
    kept.finish(document(job=job, **more))
    return kept.path.parent.name
