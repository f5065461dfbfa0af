"""The wait behind `pipelines.push_pipeline`: GitLab makes it in the background."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.console import report
from ops.gitlab.facts.pipelines import Pipelines
from ops.http.watch import ask, watch

INTERVAL = 1


def seconds_left(commit: Mapping[str, Any], seconds: float) -> float:
    """Return for how long the pipeline of a commit may still appear; 0 where that time is over.

    + commit: as GitLab describes it
    + seconds: how long after the commit it may appear
    """
    age = datetime.now(UTC) - datetime.fromisoformat(commit["committed_date"])
    # The clock of whoever has made the commit may be ahead.
    return min(max(seconds - age.total_seconds(), 0), seconds)


def wait_for_pipeline(
    state: State, host: Host, ref: str, commit: str, newest: int, seconds: float
) -> bool:
    """Watch until a commit has a pipeline or the time is over; return whether GitLab answers.

    + ref: name of the branch
    + commit: its head
    + newest: how many pipelines of the branch are looked at
    + seconds: how long to watch
    """

    def look(elapsed: float) -> bool | None:
        listed = ask(host, Pipelines, ref=ref, newest=newest)
        return True if any(p["sha"] == commit for p in listed) else None

    text = f"commit {commit[:8]} has no pipeline"
    verdict = watch(host, look, seconds=seconds, interval=INTERVAL, waiting=lambda: text)
    if verdict is None:
        report(host, [f"{text} after {seconds:.0f} s: the push makes none"])
    return verdict is not False
