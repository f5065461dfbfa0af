"""The verdict of a run: its last lines say what was changed and proven, and what is left.

Pure but for what it remembers: `ops.api.ending` prints it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.api.need import Known, Need
from ops.api.permission import Permission
from ops.api.plan import CONDITIONAL, Step
from ops.api.run import Run
from ops.api.wording import LABEL, count, counted, duration, some, wrapped

MOST_LINES = 8
OBSERVED = ("tags", "pipelines", "chains")


@dataclass
class Verdict:
    """What operations have said of themselves so far."""

    steps: list[Step] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    put_back: list[str] = field(default_factory=list)
    attention: list[Need] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)  # what needs none until a date
    moved: list[str] = field(default_factory=list)  # since the saved plan, or another record
    moved_since: str = "the plan"
    blocked: list[str] = field(default_factory=list)  # by what guards changes (ops.api.guards)
    window: Permission | None = None  # what the maintenance windows say, where there are any
    checks: set[tuple[str, str]] = field(default_factory=set)  # operation and host: mere checks
    observed: dict[str, list[Callable[[], dict[str, Any]]]] = field(
        default_factory=lambda: {kind: [] for kind in OBSERVED}
    )
    lock: Mapping[str, Any] | None = None  # of the site, as this run has or had it
    on_seen: Callable[[], None] | None = None  # called after each look at what is watched
    reports: bool = False  # what was found is the result, also where nothing is to be done

    def planned(self, steps: Iterable[Step]) -> None:
        """Remember what would be changed."""
        self.steps += steps

    def proven(self, text: str) -> None:
        """Remember what was observed after the last change."""
        if text not in self.proofs:
            self.proofs.append(text)

    def undone(self, host: str, reason: str) -> None:
        """Remember why something is not done on a host."""
        reasons = self.left.setdefault(host, [])
        if reason not in reasons:
            reasons.append(reason)

    def observe(self, kind: str, document: Callable[[], dict[str, Any]]) -> None:
        """Have the document of the run tell what an operation watches.

        + kind: one of OBSERVED
        + document: returns what was seen until now, as docs/run.schema.json says
        """
        self.observed[kind].append(document)

    def seen(self) -> None:
        """Have the record of a run that may be killed tell what was seen just now."""
        if self.on_seen is not None:
            self.on_seen()

    def pending(self) -> list[tuple[str, int]]:
        """Return the planned operations that change something, with the number of their hosts."""
        counts = [(s.name, sum(e.changes_something for e in s.entries)) for s in self.steps]
        return [(name, count) for name, count in counts if count]

    def is_conditional(self, name: str) -> bool:
        """Return whether an operation was planned for the case that another one succeeds."""
        kinds = {entry.kind for step in self.steps if step.name == name for entry in step.entries}
        return kinds == {CONDITIONAL}


verdict = Verdict()


def outcome(run: Run, said: Verdict) -> str:
    """Return the first word of the verdict; `docs/exit_codes.md` has them all."""
    if run.goes_on:
        return "Running"
    if run.signal:
        return "Interrupted"
    if said.moved:
        return "Moved"
    if said.blocked:
        return "Blocked"
    if run.error and not run.began:
        return "Refused"
    if said.attention:
        return "Attention"
    if run.failed or run.error:
        return "Failed"
    if run.is_preview or not run.began:
        return "Pending" if said.pending() else "No changes"
    return "Done" if run.changed else "No changes"


def lines(run: Run, said: Verdict, width: int) -> list[str]:
    """Return the verdict in at most MOST_LINES lines.

    + run, said: what is known
    + width: columns of the terminal; 0 where nothing is to be wrapped
    """
    for pieces, record in ((2, run.record), (1, run.record), (1, "")):
        rows = _rows(run, said, pieces * ((width or 80) - LABEL - 2), record)
        found = [line for label, text in rows for line in wrapped(label, text, width)]
        if len(found) <= MOST_LINES:
            break
    return found[:MOST_LINES]


def summary(run: Run, said: Verdict) -> dict[str, Any]:
    """Return the whole verdict for programs, where nothing is cut."""
    word = outcome(run, said)
    left = {host: list(reasons) for host, reasons in said.left.items()}
    for host in run.failed:
        left.setdefault(host, [])
    return {
        "word": word,
        "headline": _headline(word, run, said),
        "changed": [{"operation": name, "hosts": hosts} for name, hosts in run.changed],
        "changed_in_part": [{"operation": name, "hosts": hosts} for name, hosts in run.partly],
        "proven": list(said.proofs),
        "left": [{"host": host, "reasons": reasons} for host, reasons in left.items()],
        "not_done": list(run.missed),
        "put_back": list(said.put_back),
        "moved": list(said.moved),
        "blocked": list(said.blocked),
        "error": run.error or None,
        "next": _next(word, run, said) or None,
    }


def _rows(run: Run, said: Verdict, limit: int, record: str) -> list[tuple[str, str]]:
    word = outcome(run, said)
    rows = [("", f"{word}: {_headline(word, run, said)}, {duration(run.seconds)}, {run.when}")]
    if run.began and word != "No changes":
        changed = [counted(*row) for row in sorted(run.changed, key=lambda row: -row[1])]
        changed += [f"{counted(*row)} (in part)" for row in run.partly]
        rows.append(("changed:", some(changed, limit) or "nothing"))
    rows.append(("proven:", some(said.proofs, limit)))
    rows.append(("put back:", some(said.put_back, limit)))
    rows.append(("lock:", _taken_over((said.lock or {}).get("taken_over_from"))))
    # What is refused has its reason in the line before.
    rows.append(("left:", some(_left(word, run, said), limit) if word != "Refused" else ""))
    rows.append(("window:", _window(word, run, said)))
    rows.append(("report:" if record.endswith(".html") else "record:", record))
    rows.append(("known:", some([str(known) for known in said.known], limit)))
    rows.append(("next:", _next(word, run, said)))
    return [(label, text) for label, text in rows if text]


def _taken_over(other: Mapping[str, Any] | None) -> str:
    if other is None:
        return ""
    job = f", {other['job']}," if other["job"] else ""
    return f"taken over from {other['user']}@{other['host']}{job} which gave no sign of life"


def _window(word: str, run: Run, said: Verdict) -> str:
    # Of a run that was blocked it is the reason, and stands there.
    if said.window is None or word == "Blocked":
        return ""
    # Without a step it is explained.
    is_told = run.is_preview or said.window.outside or not said.steps
    return said.window.line if is_told else ""


def _headline(word: str, run: Run, said: Verdict) -> str:
    pending = said.pending()
    if word == "Running":
        return f"{run.job} has not come to its end"
    if word == "Pending":
        return f"{count(len(pending), 'operation')} of {run.job}"
    if word == "No changes":
        if said.window and not said.steps:  # `deploys/windows.py`, which explains them.
            return f"{run.job} has looked"
        if said.left:  # Then it is not known to be so.
            return f"{run.job} had nothing to change"
        if run.is_preview and said.steps:  # They only look, and a preview does not.
            return f"{run.job} has nothing to change; only a run proves that all is well"
        return f"all that {run.job} looks after is as wanted"
    if word == "Moved" and run.began:
        return f"the state is no longer that of {said.moved_since}, and {run.job} ended there"
    if word == "Moved":
        text = f"the state is no longer that of {said.moved_since}"
        return f"{text}, so nothing of {run.job} was executed"
    if word == "Blocked" and run.began:
        return f"{run.job} may not go on now, and ended there"
    if word in ("Refused", "Blocked"):
        return f"nothing of {run.job} was executed"
    if word == "Attention":
        things = len(said.attention)
        return f"{count(things, 'thing needs', 'things need')} it"
    if word == "Interrupted":
        return f"{run.job} by {run.signal}"
    if word == "Failed":
        return f"{run.job} on {count(len(run.failed), 'host')}"
    return run.job


def _left(word: str, run: Run, said: Verdict) -> list[str]:
    if word == "Attention":
        return list(said.attention)
    if word == "Moved":
        return said.moved
    if word == "Blocked" and not run.began:
        return said.blocked
    # What has failed comes before what was left alone.
    in_order = sorted(said.left.items(), key=lambda item: item[0] not in run.failed)
    reasons = [f"{host}: {reasons[0]}" for host, reasons in in_order]
    known = set(said.left)
    reasons += [f"{host}: see above" for host in run.failed if host not in known]
    if run.error and not reasons:
        reasons.append(run.error)
    if run.missed:
        reasons.append(f"not done: {', '.join(run.missed)}")
    return reasons


def _next(word: str, run: Run, said: Verdict) -> str:
    if word == "Attention":
        jobs = (need.job for need in said.attention)
        return next((run.jobs[job] for job in jobs if job in run.jobs), "")
    if word == "Done":
        return run.overview
    if word == "Moved":
        return f"{run.again} --dry"
    if word == "Failed":
        return f"mend that, then {run.again}"
    return run.again if word in ("Pending", "Interrupted", "Blocked") else ""
