"""How long a job takes: declared, or the 95th percentile of its past runs in the records."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ops.api.wording import count
from ops.records.directory import Records

if TYPE_CHECKING:
    from ops.windows.decision import Takes

# Of every hundred runs so many were over by then.
PERCENT = 95
# Newest runs of a job that are looked at: what it was years ago says nothing.
MOST = 50


def takes(jobs: Sequence[str], declared: Mapping[str, str], records: Records) -> "Takes | None":
    """Return how long a run takes; None where nobody knows, or nobody wants it to count.

    + jobs: names of the deploys that it runs
    + declared: durations by the names of jobs, which count before the records; an empty one: never
    + records: of past runs
    """
    from ops.windows.decision import Takes
    from ops.windows.window import duration

    known = [declared[job] for job in jobs if job in declared]
    if len(known) == len(jobs):
        if not all(known):
            return None
        return Takes(sum(map(duration, known), timedelta(0)), "as run_times says")
    seconds = sorted(_durations(jobs, records))
    if not seconds:
        return None
    at = seconds[math.ceil(len(seconds) * PERCENT / 100) - 1]
    runs = count(len(seconds), "past run")
    return Takes(timedelta(seconds=at), f"the {PERCENT}th percentile of {runs}")


def _durations(jobs: Sequence[str], records: Records) -> Iterator[float]:
    """Yield the seconds of runs that have done all that there was to do."""
    middle = "-".join(jobs)
    names = [name for name in records.names() if name.split("Z-", 1)[-1][:-7] == middle]
    for name in names[-MOST:]:
        try:
            found: dict[str, Any] = records.read(name)
        except (OSError, ValueError):
            continue  # `runs verify` names it.
        if found["status"] == "done" and found["run"]["verdict"]["word"] == "Done":
            yield float(found["run"]["duration"])
