"""The picture of a pipeline: its jobs by stage, and how long each took."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ops.api.wording import count, duration
from ops.records.report.content import time_text
from ops.records.report.shapes import BAD, GOOD, PLAIN, WARN, Lane, Picture, Span

Seen = Mapping[str, Any]
STATUSES = {
    "success": GOOD, "failed": BAD, "canceled": WARN, "canceling": WARN, "running": PLAIN,
}  # fmt: skip
MOST_LANES = 120


def picture(name: str, pipeline: Seen) -> Picture:
    jobs = pipeline["jobs"]
    seen = datetime.fromisoformat(pipeline["seen"])
    begins = [datetime.fromisoformat(job["began"]) for job in jobs if job["began"]]
    start = min(begins, default=seen)
    lanes, rows = [], []
    last = ""
    for job in jobs:
        heading = "" if job["stage"] == last else _stage(job["stage"], jobs)
        last = job["stage"]
        span = _job_span(job, start, seen)
        took = duration(span.end - span.start) if span else ""
        spans = [span] if span else []
        reason = f" ({job['reason']})" if job["reason"] else ""
        note = f"{job['status']}{reason}" + (f", {took}" if took else "")
        lanes.append(Lane(job["name"], note, spans, heading))
        began = time_text(job["began"]) if job["began"] else "-"
        rows.append((job["stage"], job["name"], f"{job['status']}{reason}", job["runner"] or "-",
                     began, took or "-"))  # fmt: skip
    stages = dict.fromkeys(job["stage"] for job in jobs)
    done = sum(job["status"] == "success" for job in jobs)
    text = (
        f"{count(len(jobs), 'job')} in {count(len(stages), 'stage')}, {done} of them successful, as"
        f" they were at {time_text(pipeline['seen'])}."
    )
    if pipeline["left_out"]:
        text += f" {count(pipeline['left_out'], 'more job')} not in the record."
    return Picture(
        name=name,
        title=f"Pipeline {pipeline['id']}",
        text=text,
        headers=("Stage", "Job", "Status", "Runner", "Began", "Took"),
        rows=rows,
        legend=[(GOOD, "success"), (PLAIN, "running"), (BAD, "failed"), (WARN, "canceled")],
        lanes=lanes[:MOST_LANES],
        seconds=max((span.end for lane in lanes for span in lane.spans), default=0),
    )


def _job_span(job: Seen, start: datetime, seen: datetime) -> Span | None:
    if not job["began"]:
        return None
    began = (datetime.fromisoformat(job["began"]) - start).total_seconds()
    ended = datetime.fromisoformat(job["ended"]) if job["ended"] else seen
    tone = STATUSES.get(job["status"], PLAIN)
    return Span(began, max((ended - start).total_seconds(), began), tone)


def _stage(stage: str, jobs: Sequence[Seen]) -> str:
    of_it = [job for job in jobs if job["stage"] == stage]
    done = sum(job["status"] == "success" for job in of_it)
    begins = [datetime.fromisoformat(job["began"]) for job in of_it if job["began"]]
    ends = [datetime.fromisoformat(job["ended"]) for job in of_it if job["ended"]]
    took = ""
    if begins and ends and max(ends) >= min(begins):
        took = f", {duration((max(ends) - min(begins)).total_seconds())}"
    return f"{stage}: {done} of {len(of_it)} done{took}"
