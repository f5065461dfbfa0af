"""Pipelines of the head that lack jobs: why that is so, and when no other one is triggered."""

import textwrap
from collections.abc import Collection, Sequence

from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import changes_of
from ops.gitlab.ci.fate import Fate, reason, words
from ops.gitlab.pipelines.branch import Branch
from ops.gitlab.pipelines.configured import Configured
from ops.gitlab.pipelines.selection import DELETE, LIST, data, say
from ops.gitlab.pipelines.status import counted

LINE = 50  # columns of a list of paths, beside the name of the host
MOST_PATHS = 5  # of a commit


def check_decided(project: Host, branch: Branch) -> None:
    """Raise OperationError where the rules do not tell which jobs a complete pipeline has."""
    why = branch.undecided()
    if why:
        raise OperationError(
            f"{project.name}: which jobs a pipeline of {branch.head[:8]} should have is undecided,"
            f" so none is triggered, canceled or deleted: {why}. To list them: {LIST}"
        )


def explain(project: Host, branch: Branch, rules: Configured) -> None:
    """Print why pipelines of the head have not all jobs: the rule that decides about the first one.

    + project: the host of the project
    + branch: its pipelines
    + rules: what the CI configuration says of them
    """
    for pipeline, lacks in branch.lacking():
        title = f"pipeline {pipeline['id']} ({pipeline['source']})"
        lines = [f"{title} lacks {counted(len(lacks), 'job')}"]
        try:
            fates = rules.outcome(pipeline).jobs
        except Unchangeable as error:
            say(project, *lines, str(error))
            continue
        if lacks[0] in fates:
            changed = rules.changed(pipeline)
            lines += _why(lacks[0], fates[lacks[0]], changed)
        say(project, *lines)


def _why(job: str, fate: Fate, changed: Sequence[str]) -> list[str]:
    if fate.exists:
        return [f"{job} is in it by its rules: look at the variables of the pipeline in GitLab"]
    if fate.exists is None:
        return [f"whether {job} is in it is undecided: {reason(fate)}"]
    if fate.unmatched:
        # The last one that its condition has not ruled out.
        rule = fate.unmatched[-1]
        globs = changes_of(rule.content)
        return [
            f"{job}, {words(rule)},",
            "needs a change of one of:",
            *_lines_of([str(glob) for glob in globs or ()]),
            "and the push has changed:",
            *_lines_of(changed[:MOST_PATHS]),
            "triggered through the API a pipeline has all jobs",
        ]
    return [f"{job}: {words(fate.rule)} keeps it out" if fate.rule else f"{job}: no rule matches"]


def _lines_of(paths: Sequence[str]) -> list[str]:
    indent = "  "
    return textwrap.wrap(
        ", ".join(paths), LINE, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def check_trigger(project: Host, branch: Branch, replaced: Collection[int] = ()) -> None:
    """Raise OperationError where one that was triggered lacks jobs: the next one might, too.

    + project: the host of the project
    + branch: its pipelines
    + replaced: ids of those that are to make way for another one
    """
    refusing = [row for row in branch.refusing() if row[0]["id"] not in replaced]
    if not refusing:
        return
    numbers = [pipeline["id"] for pipeline, _ in refusing]
    approval = f"{DELETE} {data('defunct', numbers)}"
    # Those that still do something are to be canceled first, whatever is done in them.
    goes_on = set(numbers) & set(branch.obsolete())
    approval += f" {data('obsolete', goes_on)}" if goes_on else ""
    lacks = refusing[0][1]
    is_listed = branch.full(branch.head).is_listed
    advice = f"Correct {LIST}, or " if is_listed else "Look at its variables in GitLab, or "
    more = f" and {counted(len(lacks) - 1, 'more job')}" if len(lacks) > 1 else ""
    raise OperationError(
        f"{project.name}: pipeline {numbers[0]} was triggered through the API and lacks"
        f" {lacks[0]}{more}, so none is triggered. {advice}have it replaced: {approval}"
    )
