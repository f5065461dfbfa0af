"""The requests that pause a GitLab runner for a while, with a mark, and take that back."""

import getpass
import os
import platform
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ops.api.reverse import Reverse, values
from ops.http.request import Request, put
from ops.site.experiment.pause_mark import Mark, marked, own_note

MARGIN = 60  # seconds that a pause may last beyond the wait for the next pod


def own_mark() -> Mark:
    """Return the mark of this process at this moment."""
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Mark(_user(), platform.node(), os.getpid(), since)


def is_alive(mark: Mark, ready_seconds: float) -> bool:
    """Return whether the run that has made a mark may still be at work.

    + mark: of a paused runner
    + ready_seconds: how long the next pod may take; a mark that is older by a minute was left by a
      run that is over, and so was one of this host whose process is gone
    """
    own = own_mark()
    if mark.host == own.host and (mark.pid == own.pid or not _is_running(mark.pid)):
        return False
    age = datetime.fromisoformat(own.since) - datetime.fromisoformat(mark.since)
    # The clock of another host may be ahead.
    return abs(age.total_seconds()) < ready_seconds + MARGIN


def pause(runner: int, settings: Mapping[str, Any], tags: Collection[str], mark: Mark) -> Request:
    """Return the request that pauses a runner, with a mark before its note.

    Raises ValueError where there is no room for the mark.
    """
    body = {"paused": True, "maintenance_note": marked(own_note(settings), mark)}
    return _request(runner, settings, _with_tags(body, settings, tags))


def unpause(
    runner: int, settings: Mapping[str, Any], tags: Collection[str], changes: Sequence[str] = ()
) -> Request:
    """Return the request that takes the pause and the mark back."""
    body = {"paused": False, "maintenance_note": own_note(settings)}
    return _request(runner, settings, _with_tags(body, settings, tags), changes)


def _request(
    runner: int, settings: Mapping[str, Any], body: Mapping[str, Any], changes: Sequence[str] = ()
) -> Request:
    before = {name: settings[name] for name in body}
    reverse = Reverse(host=f"@gitlab/runners/{runner}", values=values(before, body))
    return put(f"/runners/{runner}", body, changes).taken_back_by(reverse)


def _with_tags(
    body: dict[str, Any], settings: Mapping[str, Any], tags: Collection[str]
) -> dict[str, Any]:
    # Of a runner that has lost its tags, GitLab refuses every change that does not bring some.
    return {**body, "tag_list": sorted({*settings["tag_list"], *tags})} if tags else body


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # A container without an entry for its user.
        return str(os.getuid())


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # It belongs to another user.
    return True
