"""What a report tells, out of a record: nothing is read, and nothing is drawn."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.api.visible import cut, visible
from ops.api.wording import count, duration

Record = Mapping[str, Any]
# Of one text, and of the rows of a table: a report of any record is one that opens.
LONGEST, MOST_ROWS = 1500, 400
TONES = {
    "Done": "good", "No changes": "good", "Failed": "bad", "Attention": "warn", "Moved": "warn",
    "Blocked": "warn", "Refused": "warn", "Interrupted": "warn", "Pending": "plain",
}  # fmt: skip
DID_CHANGE = ("changed", "failed in part")


@dataclass(frozen=True)
class Value:
    """A value as it is shown.

    + kind: absent, empty, list, text or code
    + texts: its items, or itself
    """

    kind: str
    texts: Sequence[str] = ()

    @property
    def lines(self) -> int:
        """How many lines a text has."""
        return self.texts[0].count("\n") + 1


@dataclass(frozen=True)
class Field:
    """A field that became another one."""

    host: str
    name: str
    old: Value
    new: Value


@dataclass(frozen=True)
class Change:
    """What an operation has changed.

    + hosts: on how many hosts
    + is_partial: whether it has failed after a part of its changes
    + fields: what became another one, as it was planned
    + remarks: what else the plan said of the change
    + more: how many more fields there are
    """

    operation: str
    hosts: int
    is_partial: bool
    fields: Sequence[Field]
    remarks: Sequence[str]
    more: int


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
    """A report. Its texts are those of the record, with what steers a reader taken out."""

    word: str
    tone: str
    job: str
    headline: str
    began: str
    ended: str
    took: str
    verdict: Mapping[str, Any]
    changes: Sequence[Change]
    steps: Sequence[Step]
    attention: Sequence[Mapping[str, Any]]
    known: Sequence[Mapping[str, Any]]
    observed: Mapping[str, Any]
    origin: Sequence[tuple[str, str]]

    @property
    def checks(self) -> list[Step]:
        """What has looked and was content."""
        return [step for step in self.steps if step.is_check and step.outcome == "nothing"]

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
                _some(len(verdict["proven"]), "thing"),
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
        verdict={"blocked": [], **run["verdict"]},  # which older records do not have
        changes=list(_changes(run)),
        steps=steps,
        attention=run["attention"],
        known=run["known"],
        observed=run.get("observed", {}),
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


def _changes(run: Mapping[str, Any]) -> Iterator[Change]:
    done = {(r["operation"], r["host"]): r["outcome"] for r in run["results"]}
    planned: dict[str, list[Mapping[str, Any]]] = {}
    for step in run["plan"]:
        for entry in step["entries"]:
            if done.get((step["operation"], entry["host"])) in DID_CHANGE:
                planned.setdefault(step["operation"], []).append(entry)
    verdict = run["verdict"]
    for is_partial in (False, True):
        for one in verdict["changed_in_part" if is_partial else "changed"]:
            entries = planned.get(one["operation"], [])
            fields = [field for entry in entries for field in _fields(entry)]
            remarks = [remark for entry in entries for remark in entry["remarks"]]
            yield Change(
                operation=one["operation"],
                hosts=one["hosts"],
                is_partial=is_partial,
                fields=fields[:MOST_ROWS],
                remarks=list(dict.fromkeys(remarks))[:MOST_ROWS],
                more=max(len(fields) - MOST_ROWS, 0),
            )


def _fields(entry: Mapping[str, Any]) -> Iterator[Field]:
    for field in entry["fields"]:
        values = (
            value_of(field[name]) if name in field else Value("absent") for name in ("old", "new")
        )
        yield Field(entry["host"], field["name"], *values)


def value_of(value: Any) -> Value:
    """Return a JSON value as it is shown."""
    if value in ("", [], {}):
        return Value("empty")
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return Value("list", [str(item) for item in value])
    if isinstance(value, str):
        return Value("text", [value])
    return Value("code", [cut(json.dumps(value, ensure_ascii=False), LONGEST)])


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


def _origin(record: Record) -> Iterator[tuple[str, str]]:
    revision, run = record["revision"], record["run"]
    yield "Command", shlex.join(["pyinfra", *record["arguments"]])
    yield "By", f"{record['user']} on {record['host']}"
    if revision:
        dirty = ", with other files than those" if revision["is_dirty"] else ""
        yield "Commit", f"{revision['commit']}{dirty}"
    if record["executing"]:
        yield "Executing", record["executing"]
    yield (
        "Exit code",
        "none: it has not ended" if run["exit_code"] is None else str(run["exit_code"]),
    )
    yield "Versions", ", ".join(f"{name} {v}" for name, v in record["versions"].items() if v)
    number = record["sequence"]
    yield "Record", record["id"] + (f", number {number}" if number else "")
