"""What a report tells, out of a record: nothing is read, and nothing is drawn."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.api.visible import cut, visible
from ops.api.wording import count, duration
from ops.records.report.changes import LONGEST, Change, changes
from ops.records.undoing import undo_command

Record = Mapping[str, Any]
TONES = {
    "Done": "good", "No changes": "good", "Failed": "bad", "Attention": "warn", "Moved": "warn",
    "Blocked": "warn", "Refused": "warn", "Interrupted": "warn", "Pending": "plain",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """What an operation came to on a host.

    + offset: when it began, in seconds since the run did; None where it has not
    """

    operation: str
    host: str
    outcome: str
    is_check: bool
    offset: float | None
    seconds: float | None
    error: str


@dataclass(frozen=True)
class Content:
    """A report. Its texts are those of the record, with what steers a reader taken out.

    + undo: the command that shows what would take it back; empty where nothing can be
    """

    word: str
    tone: str
    job: str
    headline: str
    began: str
    ended: str
    took: str
    seconds: float
    verdict: Mapping[str, Any]
    changes: Sequence[Change]
    steps: Sequence[Step]
    attention: Sequence[Mapping[str, Any]]
    known: Sequence[Mapping[str, Any]]
    observed: Mapping[str, Any]
    undo: str
    origin: Sequence[tuple[str, str]]

    @property
    def checks(self) -> list[tuple[str, int, float]]:
        """What has looked and was content: an operation, how many hosts, how long it took."""
        found: dict[str, list[float]] = {}
        for step in self.steps:
            if step.is_check and step.outcome == "nothing" and step.seconds is not None:
                found.setdefault(step.operation, []).append(step.seconds)
        return [(name, len(seconds), max(seconds)) for name, seconds in found.items()]

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        """What was changed, proven and left, and how long it took: a label, words, more words."""
        fields = sum(len(change.fields) + change.more for change in self.changes)
        verdict = self.verdict
        left = [*self.attention, *verdict["left"], *verdict["moved"], *verdict["blocked"]]
        number = len(left) + len(verdict["not_done"])
        return [
            ("Changed", _some(len(self.changes), "operation"), _some(fields, "field", "")),
            (
                "Proven",
                _some(len(verdict["proven"]), "proof"),
                _some(len(self.checks), "check", ""),
            ),
            ("Left", _some(number, "thing"), ""),
            ("Took", self.took, ""),
        ]


def of(record: Record) -> Content:
    """Return what the report of a record tells."""
    found = _clean(record)
    run = found["run"]
    is_done = found["status"] == "done"
    word = run["verdict"]["word"] if is_done else found["status"].capitalize()
    steps = list(_steps(run))
    return Content(
        word=word,
        tone=TONES.get(word, "warn"),
        job=run["job"],
        headline=run["verdict"]["headline"],
        began=time_text(run["began"]),
        ended=time_text(run["ended"]),
        took=duration(run["duration"]),
        seconds=run["duration"],
        verdict=_verdict(run, word),
        changes=list(changes(run)),
        steps=steps,
        attention=run["attention"],
        known=run["known"],
        observed=run.get("observed", {}),
        undo=_undo(found),
        origin=list(_origin(found)),
    )


def _some(number: int, noun: str, none: str = "nothing") -> str:
    return count(number, noun) if number else none


def time_text(time: str) -> str:
    """Return a time for people, with its zone."""
    return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M:%S %Z}"


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return cut(visible(value), LONGEST)
    if isinstance(value, Mapping):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _undo(record: Record) -> str:
    can_be = any(change["never"] is None for change in record.get("changes", ()))
    return undo_command(record) if can_be else ""


def _verdict(run: Mapping[str, Any], word: str) -> Mapping[str, Any]:
    found = {"blocked": [], **run["verdict"]}  # which older records do not have
    named = [one for one in found["left"] if one["reasons"]]
    if named or run["attention"]:  # That its host has failed says nothing more then.
        found["left"] = named
    return {**found, "error": None} if word == "Attention" else found


def _steps(run: Mapping[str, Any]) -> Iterator[Step]:
    checks = {
        (step["operation"], entry["host"])
        for step in run["plan"]
        for entry in step["entries"]
        if entry["class"] == "check"
    }
    start = datetime.fromisoformat(run["began"])
    for result in run["results"]:
        began = result.get("began")
        offset = (datetime.fromisoformat(began) - start).total_seconds() if began else None
        yield Step(
            operation=result["operation"],
            host=result["host"],
            outcome=result["outcome"],
            is_check=(result["operation"], result["host"]) in checks,
            offset=None if offset is None else max(offset, 0),
            seconds=result["duration"],
            error=result["error"] or "",
        )


def _window(window: Mapping[str, Any]) -> str:
    rule = window["because"] or "nothing restricts it"
    text = f"{'open' if window['is_open'] else 'closed'}: {rule}"
    return f"{text}; all the same: {window['outside']}" if window["outside"] else text


def _origin(record: Record) -> Iterator[tuple[str, str]]:
    revision, run = record["revision"], record["run"]
    yield "Command", shlex.join(["pyinfra", *record["arguments"]])
    yield "By", f"{record['user']} on {record['host']}"
    if revision:
        dirty = ", with other files than those" if revision["is_dirty"] else ""
        yield "Commit", f"{revision['commit']}{dirty}"
    if window := run.get("window"):
        yield "Window", _window(window)
    if record["executing"]:
        yield "Executing", record["executing"]
    yield (
        "Exit code",
        "none: it has not ended" if run["exit_code"] is None else str(run["exit_code"]),
    )
    versions = [f"{name} {number}" for name, number in record["versions"].items() if number]
    if versions:
        yield "Versions", ", ".join(versions)
    number = record["sequence"]
    yield "Record", record["id"] + (f", number {number}" if number else "")
