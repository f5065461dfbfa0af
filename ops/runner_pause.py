"""The requests that pause a GitLab runner for a while, with a mark, and take that back."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.api.pause_mark import Mark, marked, own_note
from ops.api.request import Request, put

MARGIN = 60  # seconds that a pause may last beyond the wait for the next pod


def longest_pause(ready_seconds: float) -> float:
    """Return after how many seconds the mark of a pause was left by a run that is over."""
    return ready_seconds + MARGIN


def pause(runner: int, settings: Mapping[str, Any], tags: Collection[str], mark: Mark) -> Request:
    """Return the request that pauses a runner, with a mark before its note.

    Raises ValueError where there is no room for the mark.
    """
    body = {"paused": True, "maintenance_note": marked(own_note(settings), mark)}
    return put(f"/runners/{runner}", _with_tags(body, settings, tags), [])


def unpause(
    runner: int, settings: Mapping[str, Any], tags: Collection[str], changes: Sequence[str] = ()
) -> Request:
    """Return the request that takes the pause and the mark back."""
    body = {"paused": False, "maintenance_note": own_note(settings)}
    return put(f"/runners/{runner}", _with_tags(body, settings, tags), changes)


def _with_tags(
    body: dict[str, Any], settings: Mapping[str, Any], tags: Collection[str]
) -> dict[str, Any]:
    # Of a runner that has lost its tags, GitLab refuses every change that does not bring some.
    return {**body, "tag_list": sorted({*settings["tag_list"], *tags})} if tags else body
