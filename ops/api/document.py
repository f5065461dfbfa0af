"""The document of a run, for programs: what `--json` prints, and its record has.

docs/run.schema.json describes it. Pure: what is known is given, and what is returned has nothing
that JSON has not.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pyinfra.api.hiddenvalue import HiddenValue

from ops.api.executed import Result
from ops.api.line import ABSENT, Field, fields, remarks
from ops.api.need import Known, Need
from ops.api.permission import described
from ops.api.plan import Entry, Step
from ops.api.run import Run
from ops.api.shown import shown
from ops.api.verdict import Verdict, summary

FORMAT = 1


def document(
    run: Run,
    said: Verdict,
    results: Iterable[Result],
    inventory: str,
    ended: datetime,
    code: int | None,
) -> dict[str, Any]:
    """Return the document of a run, in which every text is one that may be shown.

    + run, said: what its verdict is made of
    + results: what was executed; nothing where the run has not begun
    + inventory: as it was named
    + ended: the time, with its zone
    + code: its exit code; None where it goes on
    """
    found = {
        "format": FORMAT,
        "job": run.job,
        "inventory": inventory,
        "is_preview": run.is_preview,
        "began": _time(ended - timedelta(seconds=run.seconds)),
        "ended": _time(ended),
        "duration": round(run.seconds, 3),
        "verdict": summary(run, said),
        "exit_code": code,
        "window": described(said.window),
        "plan": [_step(step) for step in said.steps],
        "results": [_result(result) for result in results],
        "attention": [_attention(problem, run.jobs) for problem in said.attention],
        "lock": said.lock,
        "known": [_known(known, run.jobs) for known in said.known],
        "observed": {kind: [seen() for seen in seens] for kind, seens in said.observed.items()},
    }
    clean: dict[str, Any] = plain(found)
    return clean


def plain(value: Any) -> Any:
    """Return a value with what JSON has only: sets as lists, secrets as fingerprints."""
    if isinstance(value, HiddenValue):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {shown(str(name)): plain(item) for name, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(shown(str(item)) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return shown(str(value))


def _time(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds")


def _step(step: Step) -> dict[str, Any]:
    return {"operation": step.name, "entries": [_entry(entry) for entry in step.entries]}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "host": entry.host.name,
        "class": entry.kind.split()[0].lower(),
        "reason": entry.reason or None,
        "fields": [_field(field) for field in fields(entry.changes)],
        "remarks": remarks(entry.changes),
        "commands": list(entry.commands),
    }


def _field(field: Field) -> dict[str, Any]:
    values = {"old": field.old, "new": field.new}
    return {"name": field.name, **{k: v for k, v in values.items() if v is not ABSENT}}


def _result(result: Result) -> dict[str, Any]:
    return {
        "operation": result.operation,
        "host": result.host,
        "outcome": result.outcome,
        "began": _time(result.began) if result.began else None,
        "duration": None if result.seconds is None else round(result.seconds, 3),
        "error": result.error or None,
    }


def _attention(problem: Need, jobs: Mapping[str, str]) -> dict[str, Any]:
    job = problem.job if problem.job in jobs else None
    return {
        "what": problem.what if job else str(problem),
        "area": problem.area,
        "host": problem.host or None,
        "job": job,
        "command": jobs[job] if job else None,
    }


def _known(known: Known, jobs: Mapping[str, str]) -> dict[str, Any]:
    need = _attention(known.need, jobs)
    named = {name: need[name] for name in ("what", "area", "host")}
    return {**named, "reason": known.reason, "until": known.until.isoformat()}
