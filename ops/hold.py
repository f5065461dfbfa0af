"""The watch behind `gitlab.runner_tags_held`."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from paramiko import SSHException
from pyinfra.api.exceptions import FactProcessError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.console import report
from ops.api.losses import Losses
from ops.facts.gitlab import Runners

PROGRESS_SECONDS = 10
READS_AFTER_A_LOSS = 3
LONGEST_BACKOFF = 30
UNREADABLE_SECONDS = 300


def watch_tags(
    state: State,
    host: Host,
    tags: Mapping[int, set[str]],
    seconds: float,
    interval: float,
    advice: Sequence[str],
) -> bool:
    """Read the runners until the time is over, and return whether all tags were always there."""
    losses = Losses(tags)
    began = printed = seen = time.monotonic()
    failures = reads_without_loss = 0
    while True:
        asked = time.monotonic()
        try:
            live = read_runners(host)
        except (OSError, SSHException, FactProcessError) as error:
            failures += 1
            report(host, [f"the runners could not be read ({failures}): {error}"])
            if time.monotonic() - seen > UNREADABLE_SECONDS:
                report(host, [f"nothing was seen for {UNREADABLE_SECONDS} s, so nothing is proven"])
                return False
        else:
            seen, failures = time.monotonic(), 0
            new = losses.observe(live, asked - began)
            report(host, new)
            reads_without_loss = 0 if new else reads_without_loss + 1
            over = asked - began >= seconds
            if losses.seconds and (over or reads_without_loss >= READS_AFTER_A_LOSS):
                return _lost(host, losses, advice)
            if over:
                report(host, [f"all tags of {len(tags)} runners lasted for {asked - began:.0f} s"])
                return True
        if time.monotonic() - printed >= PROGRESS_SECONDS:
            printed = time.monotonic()
            report(
                host, [f"{printed - began:.0f} of {seconds} s, lost so far: {len(losses.seconds)}"]
            )
        time.sleep(_pause(interval, failures, began + seconds))


def read_runners(host: Host) -> dict[int, dict[str, Any]]:
    """Read all runners once; raise OSError or FactProcessError where that fails."""
    fact = Runners()
    done, output = host.run_shell_command(fact.command())
    if not done:
        raise OSError(" ".join(output.stderr_lines))
    runners: dict[int, dict[str, Any]] = fact.process(output.stdout_lines)
    return runners


def _pause(interval: float, failures: int, end: float) -> float:
    if failures:
        return float(min(interval * 2**failures, LONGEST_BACKOFF))
    # The last read comes right when the time is over, not up to an interval later.
    return max(0.0, min(interval, end - time.monotonic()))


def _lost(host: Host, losses: Losses, advice: Sequence[str]) -> bool:
    report(host, [f"{len(losses.seconds)} of {len(losses.wanted)} runners lost tags:"])
    report(host, losses.table())
    report(host, advice)
    return False
