"""Pipelines of the head that lack jobs: why that is so, and when no other one is triggered."""

import textwrap
from collections.abc import Collection, Sequence

from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

from ops.api.operation import read
from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci import filters
from ops.gitlab.ci.configuration import load
from ops.gitlab.ci.globs import matches
from ops.gitlab.facts.repository import ChangedFiles, RepositoryFile
from ops.gitlab.pipelines.branch import Branch
from ops.gitlab.pipelines.selection import DELETE, data, say
from ops.gitlab.pipelines.status import counted

LINE = 50  # columns of a list of paths, beside the name of the host
MOST_PATHS = 5  # of a commit


def explain(project: Host, branch: Branch, ci_file: str) -> None:
    """Print why pipelines of the head have not all jobs.

    + project: the host of the project
    + branch: its pipelines
    + ci_file: path of the CI/CD configuration

    That is what `rules:changes` asks for, compared with what the commit has changed.
    """
    for pipeline, lacks in branch.lacking():
        title = f"pipeline {pipeline['id']} ({pipeline['source']})"
        lines = [f"{title} lacks {counted(len(lacks), 'job')}"]
        file = read(project, RepositoryFile, path=ci_file, ref=pipeline["sha"])
        changed = read(project, ChangedFiles, commit=pipeline["sha"])
        try:
            globs = _globs(file.text, lacks) if file else []
        except Unchangeable:
            globs = []
        if globs and not any(matches(path, glob) for path in changed for glob in globs):
            lines += [
                f"{lacks[0]} needs a change of one of:",
                *_lines_of(globs),
                f"and commit {pipeline['sha'][:8]} has changed:",
                *_lines_of(changed[:MOST_PATHS]),
                "triggered through the API a pipeline has all jobs",
            ]
        say(project, *lines)


def _globs(text: str, jobs: Sequence[str]) -> list[str]:
    """Return the globs of the first of some jobs that has any."""
    document = load(text)
    here = [job for job in jobs if job in document.names()]
    found = [listed for job in here for listed in filters.lists(document, job)]
    return [str(glob) for glob in found[0]] if found else []


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
    more = f" and {counted(len(lacks) - 1, 'more job')}" if len(lacks) > 1 else ""
    raise OperationError(
        f"{project.name}: pipeline {numbers[0]} was triggered through the API and lacks"
        f" {lacks[0]}{more}, so none is triggered. Correct pipeline_jobs"
        f" (group_data/project.py), or have it replaced: {approval}"
    )
