"""The picture of a watch: a lane for each runner, who lost which tag when, and when it was back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.api.wording import count, duration
from ops.records.report.shapes import BAD, GOOD, Lane, Picture, Span

Watch = Mapping[str, Any]


def picture(name: str, watch: Watch, number: int) -> Picture:
    runners = watch["runners"]
    events = {runner["id"]: [] for runner in runners}  # type: dict[int, list[Watch]]
    for change in watch["changes"]:
        events[change["runner"]].append(change)
    lanes, rows = [], []
    for runner in runners:
        found, label = events[runner["id"]], f"{runner['id']} {runner['name'] or '?'}"
        spans = list(_tag_spans(found, watch["seconds"]))
        lanes.append(Lane(label, _note(found, spans), spans))
        tags = ", ".join(runner["tags"])
        if not found:
            rows.append((label, tags, "all of them at each look"))
        rows += [(label, tags, _said(change)) for change in found]
    lost = [runner for runner in runners if events[runner["id"]]]
    text = (
        f"{count(watch['reads'], 'look')} at {count(len(runners), 'runner')} within"
        f" {duration(watch['seconds'])}, one each {watch['interval']:g} s; of the time between two"
        f" looks nothing is known. " + (
            f"{count(len(lost), 'runner')} lacked tags." if lost else "No tag was ever missing."
        )
    )  # fmt: skip
    if watch["left_out"]:
        text += f" {count(watch['left_out'], 'more change')} not in the record."
    return Picture(
        name=name,
        title="The runners' tags while they were watched" + (f" ({number})" if number > 1 else ""),
        text=text,
        headers=("Runner", "Its tags", "Seen"),
        rows=rows,
        legend=[(GOOD, "all tags were there"), (BAD, "a tag was missing")],
        lanes=lanes,
        seconds=watch["seconds"],
    )


def _note(changes: Sequence[Watch], spans: Sequence[Span]) -> str:
    """Return what became of a runner in a few words."""
    if not changes:
        return "all tags at each look"
    losses = sum(change["kind"] in ("lost", "gone") for change in changes)
    text = _said(changes[0]) if losses == 1 else f"tags missing {losses} times"
    return text if spans[-1].tone == BAD else f"{text}, back"


def _said(change: Watch) -> str:
    tags = ", ".join(change["tags"])
    when = f"after {change['seconds']:.0f} s"
    return {
        "lost": f"lost {tags} {when}" if change["seconds"] >= 1 else f"lacked {tags} at first",
        "gone": f"the runner was gone {when}",
        "back": f"{tags} back {when}, set by somebody else",
        "set": f"{tags} set again by this run {when}",
    }[change["kind"]]


def _tag_spans(changes: Sequence[Watch], seconds: float) -> Iterator[Span]:
    missing: set[str] = set()
    since = 0.0
    for change in changes:
        before = set(missing)
        tags = set(change["tags"])
        missing = missing | tags if change["kind"] in ("lost", "gone") else missing - tags
        if before != missing and change["seconds"] > since:
            yield _tag_span(since, change["seconds"], before)
            since = change["seconds"]
    if seconds > since or not since:
        yield _tag_span(since, max(seconds, since), missing)


def _tag_span(start: float, end: float, missing: set[str]) -> Span:
    text = f"without {', '.join(sorted(missing))}" if missing else ""
    return Span(start, end, BAD if missing else GOOD, text)
