"""What is known of a run of deploy files when it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Run:
    """What is known of a run when it ends.

    + job: what ran, such as `fix_tags`
    + again: the command that runs it, without `--dry`
    + when: when it ended, with its zone
    + seconds: how long it took
    + is_preview: whether nothing was to be executed
    + began: whether the first operation was executed
    + signal: name of the signal that ended it, or an empty text
    + error: why it ended before it had begun, or an empty text
    + failed: names of the hosts that failed
    + changed: operations that changed something, with the number of their hosts
    + partly: operations that failed after a part of their changes, with the number of their hosts
    + missed: names of operations that were planned, and of which some host has not seen the end
    + overview: the command that shows the whole site, or an empty text
    + jobs: the command of each job of this repository, by its name
    + goes_on: whether it has not come to its end, as in the record of a run that was killed
    + record: path of its report, or of its record where there is no report, or an empty text
    """

    job: str
    again: str
    when: str
    seconds: float = 0
    is_preview: bool = False
    began: bool = False
    signal: str = ""
    error: str = ""
    failed: Sequence[str] = ()
    changed: Sequence[tuple[str, int]] = ()
    partly: Sequence[tuple[str, int]] = ()
    missed: Sequence[str] = ()
    overview: str = ""
    jobs: Mapping[str, str] = field(default_factory=dict)
    goes_on: bool = False
    record: str = ""
