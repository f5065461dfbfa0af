"""The guard that asks the windows before each change, and says in the verdict what they say.

A run is as restricted as what it changes: each change has its job (that of the command line, and
the one that it is a part of) and the groups of its host, and all of them must be open at once
before it begins. Later each change is judged on its own.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import gevent
from pyinfra import context
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api import clock, command_line, guards, hooks
from ops.api.console import print_line
from ops.api.once import once
from ops.api.permission import Permission
from ops.api.verdict import verdict
from ops.site.settings.windows import BY_HAND
from ops.site.windows.configured import Configured, configured, outside

if TYPE_CHECKING:
    from ops.windows.decision import Closed, Open, Takes
    from ops.windows.span import Source

# Calendars and freeze periods that were read for the preview are not read again for a run that
# begins at once.
FRESH = timedelta(minutes=1)
# How long a decision without an end is kept.
KEPT = timedelta(days=1)
What = frozenset[tuple[str, frozenset[str]]]


class WindowGuard:
    """The windows of this run."""

    def __init__(self) -> None:
        self._is_read = False
        self._configured: Configured | None = None
        self._denying: list[Source] = []
        self._read_at: datetime | None = None
        self._open: dict[What, tuple[datetime, datetime]] = {}  # since when and until when

    def begin(self) -> str:
        """Return why the run may not begin, or an empty text."""
        return self._judge_run()

    def say(self) -> None:
        """Say in the verdict whether the run may change something; end one that may not."""
        if not command_line.deploy_files() or not guards.changes_something(context.state):
            return
        reason = self._judge_run()
        if reason and not command_line.is_dry_run():
            raise guards.forbid(reason)

    def refusal(self, host: Host) -> str:
        """Return why a change may not be made now, or an empty text."""
        if self._find() is None or outside(context.inventory):
            return ""
        what = _at_work.get(gevent.getcurrent(), frozenset()) | _what(_jobs(), host)
        try:
            now = clock.now()
        except ValueError as error:
            return str(error)
        since, until = self._open.get(what, (now, now))
        if since <= now < until:
            return ""
        return self._judge(what, now)

    def _find(self) -> Configured | None:
        if not self._is_read:
            self._configured = configured(context.inventory)
            self._is_read = True
        return self._configured

    def _judge_run(self) -> str:
        """Remember for the verdict what the windows say of all that the run changes."""
        found = self._find()
        if found is None:
            return ""
        try:
            now = clock.now()
        except ValueError as error:
            return str(error)
        if self._read_at is None or not self._read_at <= now < self._read_at + FRESH:
            self._denying, self._read_at = found.denying(now), now
        what = _planned(context.state)
        decision = self._decide(what, now)
        if getattr(decision, "until", None) is not None:
            # Only where there is an end, since it may read many records.
            decision = self._decide(what, now, found.takes(_jobs()))
        verdict.window = permission(decision, found, outside(context.inventory))
        if clock.is_replaced():  # Somebody who has left it set would not see why all is open.
            text = f"Windows are judged by {clock.VARIABLE}, where it is {now:%Y-%m-%d %H:%M} UTC"
            once(text, lambda: print_line(text, err=True))
        return "" if verdict.window.outside else _closed(verdict.window)

    def _judge(self, what: What, now: datetime) -> str:
        found = self._find()
        if found is None:
            return ""
        if self._read_at is None:  # As for `exec`, which has no preview.
            self._denying, self._read_at = found.denying(now), now
        decision = self._decide(what, now)
        said = permission(decision, found)
        if said.is_open:
            until = getattr(decision, "begin_until", None) or now + KEPT
            self._open[what] = (now, until)
        else:
            verdict.window = said
        return _closed(said)

    def _decide(self, what: What, now: datetime, takes: "Takes | None" = None) -> "Open | Closed":
        from ops.windows.decision import decide_for

        assert self._configured is not None
        rules = self._configured.rules
        return decide_for(what, now, rules, denied_by=self._denying, takes=takes)


def permission(decision: "Open | Closed", found: Configured, outside: str = "") -> Permission:
    """Return a decision as the verdict has it.

    + outside: why a change may be made all the same, or an empty text
    """
    from ops.windows.decision import Open, in_words

    said = in_words(decision, found.zone)
    if isinstance(decision, Open):
        return Permission(True, decision.why, decision.until, None, said, outside)
    return Permission(False, decision.because, None, decision.opens, said, outside)


_guard = WindowGuard()
# What each greenlet that executes an operation does, for what it sends to other hosts.
_at_work: dict[gevent.Greenlet, What] = {}


def install() -> None:
    """Have the windows asked; called while config.py is loaded, after the records."""
    from pyinfra.api import operations

    hooks.after_the_preparation(_guard.say)
    hooks.replace(operations, "_run_host_op", _noted)
    guards.join(_guard)


def _noted(run: Callable[..., bool]) -> Callable[..., bool]:
    def noted(state: State, host: Host, op_hash: str) -> bool:
        here = gevent.getcurrent()
        _at_work[here] = _what(_jobs(*state.get_op_meta(op_hash).names), host)
        try:
            return run(state, host, op_hash)
        finally:
            del _at_work[here]

    return noted


def _closed(said: Permission) -> str:
    return "" if said.is_open else f"maintenance is {said.said}"


def _planned(state: State) -> What:
    """Return the jobs and groups of all that a run may change."""
    found: set[tuple[str, frozenset[str]]] = set()
    for step in verdict.steps:
        for entry in step.entries:
            if entry.changes_something:
                found |= _what(_jobs(step.name), entry.host)
    return frozenset(found) or frozenset((job, frozenset()) for job in _jobs())


def _what(jobs: Collection[str], host: Host) -> What:
    return frozenset((job, frozenset(host.groups)) for job in jobs)


def _jobs(*operations: str) -> list[str]:
    """Return the jobs that operations belong to: `fix_tags | Set the tags` is one of fix_tags."""
    files = [file.stem for file in command_line.deploy_files()] or [BY_HAND]
    return [*files, *(name.split(" | ")[0] for name in operations if " | " in name)]
