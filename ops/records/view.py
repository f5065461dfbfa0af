"""How a record is shown to a person. Pure."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ops.api.wording import LABEL, counted, duration
from ops.records.comparison import values

Record = Mapping[str, Any]
HEADERS = ("record", "began", "user", "job", "verdict", "took")
LONGEST_VALUE = 120
SHORT = 12  # digits of a commit


def row(record: Record) -> tuple[str, ...]:
    """Return the cells of a record in the table of all, under HEADERS: 80 columns have room for it.

    The first one is what `runs show` takes: its number, or the end of its name where it has none.
    """
    run, number = record["run"], record["sequence"]
    is_done = record["status"] == "done"
    return (
        record["id"].rpartition("-")[2] if number is None else str(number),
        f"{datetime.fromisoformat(run['began']).astimezone():%Y-%m-%d %H:%M %Z}",
        record["user"],
        run["job"],
        run["verdict"]["word"] if is_done else record["status"],
        duration(run["duration"]) if is_done else "-",
    )


def lines(record: Record, path: str, report: str = "") -> Iterator[str]:
    """Yield the lines that tell all of a run but its document's details.

    + path: of the record's file
    + report: path of its report; empty where there is none
    """
    run, verdict = record["run"], record["run"]["verdict"]
    is_done = record["status"] == "done"
    word = verdict["word"] if is_done else record["status"].capitalize()
    yield f"{word}: {verdict['headline']}, {duration(run['duration'])}, {_when(run['ended'])}"
    rows = (
        ("ran:", [shlex.join(["pyinfra", *record["arguments"]])]),
        ("by:", [_origin(record)]),
        ("at:", [record["executing"]] if record["executing"] else []),
        ("changed:", [counted(one["operation"], one["hosts"]) for one in verdict["changed"]]),
        ("in part:", [one["operation"] for one in verdict["changed_in_part"]]),
        ("fields:", list(_fields(run))),
        ("proven:", verdict["proven"]),
        ("put back:", verdict["put_back"]),
        ("moved:", verdict["moved"]),
        ("blocked:", verdict.get("blocked", [])),
        ("window:", list(_outside(run.get("window")))),
        ("lock:", list(_lock(run.get("lock")))),
        ("left:", [": ".join([one["host"], *one["reasons"]]) for one in verdict["left"]]),
        ("needs:", [_need(one) for one in run["attention"]]),
        ("known:", [_known(one) for one in run["known"]]),
        ("not done:", verdict["not_done"]),
        ("error:", [verdict["error"]] if verdict["error"] else []),
        ("next:", [verdict["next"]] if verdict["next"] else []),
        ("record:", [path]),
        ("report:", [report] if report else []),
    )
    for label, texts in rows:
        yield from _labelled(label, texts)


def _outside(window: Mapping[str, Any] | None) -> Iterator[str]:
    if window and window["outside"]:
        what = "" if window["is_open"] else f" (closed: {window['because']})"
        yield f"overridden: {window['outside']}{what}"


def _lock(lock: Mapping[str, Any] | None) -> Iterator[str]:
    before = (lock or {}).get("taken_over_from")
    if before:
        job = f" with {before['job']}" if before["job"] else ""
        yield f"taken over from {before['user']}@{before['host']}{job}, without a sign of life"
    if lock and lock["lost"]:
        yield lock["lost"]
    if lock and lock["waited"] >= 1:
        yield f"waited {duration(lock['waited'])} for it"


def _labelled(label: str, texts: Sequence[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        yield f"{label if number == 0 else '':<{LABEL}}{text}"


def _origin(record: Record) -> str:
    revision = record["revision"]
    commit = "no commit"
    if revision:
        commit = f"commit {revision['commit'][:SHORT]}"
        commit += " with other files" if revision["is_dirty"] else ""
    return (
        f"{record['user']} on {record['host']}, {commit}, pyinfra {record['versions']['pyinfra']}"
    )


def _known(one: Mapping[str, Any]) -> str:
    return f"{one['area']}: {one['what']} (until {one['until']}: {one['reason']})"


def _need(one: Mapping[str, Any]) -> str:
    job = f" ({one['job']} mends it)" if one["job"] else ""
    return f"{one['area']}: {one['what']}{job}"


def _fields(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each field that was planned where its operation has changed something."""
    done = {
        (result["operation"], result["host"])
        for result in run["results"]
        if result["outcome"] in ("changed", "failed in part")
    }
    for step in run["plan"]:
        for entry in step["entries"]:
            if (step["operation"], entry["host"]) in done:
                for field in entry["fields"]:
                    yield f"{entry['host']} {field['name']}: {values(field, LONGEST_VALUE)}"


def _when(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M:%S %Z}"
