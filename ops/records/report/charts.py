"""Which pictures a report has: each only where the record has something for it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.api.wording import count, duration
from ops.records.report import pipelines, tags
from ops.records.report.changes import MOST_ROWS
from ops.records.report.content import Content, Step
from ops.records.report.shapes import BAD, GOOD, PLAIN, QUIET, WARN, Lane, Link, Picture, Span

OUTCOMES = {"changed": PLAIN, "nothing": QUIET, "failed": BAD, "failed in part": BAD}
WORST = ("failed", "failed in part", "broken off", "changed", "nothing")
MOST_LANES = 60


def pictures(content: Content) -> Iterator[Picture]:
    """Yield the pictures of a report."""
    observed = content.observed
    for number, watch in enumerate(observed.get("tags", ()), 1):
        if watch["reads"] > 1 or watch["changes"]:
            yield tags.picture(f"tags-{number}", watch, number)
    # Several operations may have watched one.
    latest = {pipeline["id"]: pipeline for pipeline in observed.get("pipelines", ())}
    for number, pipeline in enumerate(latest.values(), 1):
        if pipeline["jobs"]:
            yield pipelines.picture(f"pipeline-{number}", pipeline)
    for number, chain in enumerate(observed.get("chains", ()), 1):
        if chain["links"]:
            yield _chain(f"chain-{number}", chain)
    if any(step.offset is not None for step in content.steps):
        yield _steps(content)


def _chain(name: str, chain: Mapping[str, Any]) -> Picture:
    links = [Link(link["name"], link["ok"], link["seen"]) for link in chain["links"]]
    words = {True: "holds", False: "BROKEN", None: "does not apply, or is not known"}
    broken = [link.name for link in links if link.ok is False]
    text = f"{sum(link.ok is True for link in links)} of {count(len(links), 'link')} hold."
    if broken:
        text += f" Broken: {', '.join(broken)}."
    return Picture(
        name=name,
        title="The chain from Kafka's user to a login with SASL",
        text=text,
        headers=("Link", "State", "Seen"),
        rows=[(link.name, words[link.ok], link.seen) for link in links],
        links=links,
    )


def _lanes(named: Mapping[str, Sequence[tuple[float, Step]]], last: float) -> Iterator[Lane]:
    """Yield a lane for each operation.

    + named: its steps, each with when it began
    + last: when the run ended
    """
    for operation, begun in named.items():
        start = min(offset for offset, _ in begun)
        # What has not ended went on until the run did.
        ends = [last if s.seconds is None else at + s.seconds for at, s in begun]
        end = max(start, *ends)
        steps = [step for _, step in begun]
        outcome = next((word for word in WORST if any(s.outcome == word for s in steps)), "nothing")
        is_check = all(step.is_check for step in steps)
        tone = GOOD if is_check and outcome == "nothing" else OUTCOMES.get(outcome, WARN)
        said = "checked" if tone == GOOD else outcome
        many = f", {len(steps)} hosts" if len(steps) > 1 else ""
        yield Lane(operation, f"{said}{many}, {took(end - start)}", [Span(start, end, tone)])


def _steps(content: Content) -> Picture:
    named: dict[str, list[tuple[float, Step]]] = {}
    for step in content.steps:
        if step.offset is not None:
            named.setdefault(step.operation, []).append((step.offset, step))
    lanes = list(_lanes(named, content.seconds))
    # Of a long run those that took longest are drawn; the table has all.
    longest = sorted(lanes, key=lambda lane: lane.spans[0].start - lane.spans[0].end)[:MOST_LANES]
    rows = [
        (step.operation, step.host, step.outcome if step.outcome != "nothing" else
         "checked" if step.is_check else "nothing to do",
         "-" if step.seconds is None else took(step.seconds), step.error)
        for step in content.steps[:MOST_ROWS]
    ]  # fmt: skip
    seconds = max(span.end for lane in lanes for span in lane.spans)
    number = sum(map(len, named.values()))
    hosts = f", {number} steps on their hosts" if number > len(lanes) else ""
    text = f"{count(len(lanes), 'operation')}{hosts}."
    if len(content.steps) > number:
        text += f" {len(content.steps) - number} more planned and not begun."
    if len(lanes) > MOST_LANES:
        text += f" The {MOST_LANES} that took longest are drawn."
    if len(content.steps) > MOST_ROWS:
        text += f" The table has the first {MOST_ROWS} steps, record.json all."
    return Picture(
        name="steps",
        is_proof=False,
        title="Steps",
        text=text,
        headers=("Operation", "Host", "Outcome", "Took", "Error"),
        rows=rows,
        legend=[(PLAIN, "changed"), (GOOD, "checked"), (QUIET, "nothing to do"), (BAD, "failed")],
        lanes=[lane for lane in lanes if lane in longest],
        seconds=seconds,
    )


def took(seconds: float) -> str:
    """Return how long something took, also where that was less than a second."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else duration(seconds)
