"""Commits that this run has made itself.

A preview shows what they change; their ids are known only afterwards.
"""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

_children: dict[str, str] = {}
_planned: WeakKeyDictionary[object, set[str]] = WeakKeyDictionary()


def plan(run: object, branch: str) -> None:
    """Remember that a run is about to commit to a branch.

    + run: what stands for it: its inventory
    + branch: name of the branch
    """
    _planned.setdefault(run, set()).add(branch)


def is_planned(run: object, branch: str) -> bool:
    """Return whether a run is about to commit to a branch."""
    return branch in _planned.get(run, ())


def remember(commit: Mapping[str, Any]) -> None:
    """Remember a commit that this run has made, as GitLab describes it."""
    for parent in commit["parent_ids"]:
        _children[parent] = commit["id"]


def newest(commit: str) -> str:
    """Return the last of the commits that this run has made on top of one, or that one itself.

    What somebody else has pushed in between ends the chain.
    """
    while commit in _children:
        commit = _children[commit]
    return commit
