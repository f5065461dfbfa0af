"""The watch behind `gitlab.tag_persistence`."""

from collections.abc import Mapping, Sequence

from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.console import report, report_problem, report_proof
from ops.api.verdict import verdict
from ops.gitlab.facts.runners import Runners
from ops.gitlab.runners.lanes import Lanes
from ops.gitlab.runners.losses import Losses
from ops.http.watch import ask, watch

READS_AFTER_A_LOSS = 3
UNREADABLE_SECONDS = 300
REMOVED = (
    "These runners were removed from GitLab; the database has lost nothing that is known: register",
    "them again and correct inventory.py, or take them out of it, and run again.",
)


def watch_tags(
    state: State,
    host: Host,
    tags: Mapping[int, set[str]],
    seconds: float,
    interval: float,
    advice: Sequence[str],
) -> bool:
    """Read the runners until the time is over, and return whether all tags were always there."""
    losses, lanes = Losses(tags), Lanes(host.name, tags, seconds, interval)
    verdict.observe("tags", lanes.document)
    reads_without_loss = 0

    def look(elapsed: float) -> bool | None:
        nonlocal reads_without_loss
        live = ask(host, Runners)
        lanes.observe(live, elapsed)
        verdict.seen()
        new = losses.observe(live, elapsed)
        report(host, new)
        reads_without_loss = 0 if new else reads_without_loss + 1
        over = elapsed >= seconds
        if losses.seconds and (over or reads_without_loss >= READS_AFTER_A_LOSS):
            return False
        if over:
            report_proof(host, f"all tags of {len(tags)} runners lasted for {elapsed:.0f} s")
        return True if over else None

    held = watch(
        host,
        look,
        seconds=seconds,
        interval=interval,
        waiting=lambda: f"runners that lost tags so far: {len(losses.seconds)}",
        patience=UNREADABLE_SECONDS,
    )
    if held is None:
        report_problem(host, [f"nothing was seen for {UNREADABLE_SECONDS} s, so nothing is proven"])
    elif losses.seconds:
        report_problem(host, [f"{len(losses.seconds)} of {len(losses.wanted)} runners lost tags:"])
        report(host, losses.table())
        report(host, REMOVED if losses.gone >= set(losses.seconds) else advice)
    return bool(held)
