"""Previews of what comes after commits that the run makes itself: much of it is not known yet."""

import dataclasses

from pyinfra import context
from pyinfra.api.host import Host

from ops.api.action import Action
from ops.gitlab import own_commits
from ops.gitlab.pipelines.branch import Branch
from ops.gitlab.pipelines.required import Required
from ops.gitlab.pipelines.selection import configured, say

_OWN_COMMIT = "that this run makes"


def comes_after_own_commits(ref: str) -> bool:
    """Return whether this is the preview of a run that commits to a branch before it gets here."""
    run = context.ctx_inventory.get()
    return not context.state.is_executing and own_commits.is_planned(run, ref)


def unknown(what: str, *lines: str) -> Action:
    """Return what a preview shows in the place of what depends on commits that are not there yet.

    + what: what will be done, to be read after "would"
    + lines: what is unknown; by default which pipeline is active then
    """
    changes = lines or ("which pipeline is active then is unknown: this run commits first",)
    action = Action(what, lambda state, host: True, changes=changes)
    action.unknown_until_run = True
    return action


def after_own_commits(project: Host, ref: str, branch: Branch) -> Branch:
    """Return the pipelines of a branch as they are once this run has committed to it.

    + project: the host of the project
    + ref: name of the branch
    + branch: its pipelines; they stay as they are where the run makes no commits, or has made them

    It is said which of them GitLab itself cancels then (`workflow:auto_cancel`).
    """
    if not comes_after_own_commits(ref):
        return branch

    def full(commit: str) -> Required:
        return Required() if commit == _OWN_COMMIT else branch.full(commit)

    later = dataclasses.replace(branch, head=_OWN_COMMIT, full=full)
    rules = configured(project, ref)
    for pipeline in branch.pipelines:
        how = rules.on_new_commit(pipeline["sha"]) if pipeline["id"] in later.obsolete() else ""
        if how not in ("", "none"):
            text = (
                f"pipeline {pipeline['id']} may be canceled by GitLab itself when this run commits"
            )
            say(project, f"{text} (workflow:auto_cancel:on_new_commit: {how})")
    return later
