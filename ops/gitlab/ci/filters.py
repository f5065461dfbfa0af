"""Paths that are added to the `rules:changes` of a .gitlab-ci.yml, line by line.

What is not changed keeps its comments, quotes and layout to the last character, because only lines
are inserted. https://docs.gitlab.com/ci/yaml/#ruleschanges
"""

from collections.abc import Sequence

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import Configuration, changes_of, load
from ops.gitlab.ci.document import Items, Reference


def with_changes(text: str, job: str, paths: Sequence[str]) -> str:
    """Return the configuration with paths added to a job's `rules:changes`.

    + text: the configuration
    + job: name of the job
    + paths: globs; those that are there already stay where they are

    A list that other jobs share through an anchor grows for them, too. Raises Unchangeable where
    the job has not exactly one rule with `changes`, or where its list is not a line for each path.
    """
    listed = _only_list(load(text), job)
    missing = [path for path in paths if path not in list(listed)]
    if not missing:
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(end)
    new = end.join(_extended(lines, listed, missing))
    try:
        is_right = list(_only_list(load(new), job)) == [*listed, *missing]
    except Unchangeable:
        is_right = False
    if not is_right:
        raise Unchangeable(f"the list of rules:changes of {job} has a form that cannot be extended")
    return new


def lists(configuration: Configuration, job: str) -> list[Items]:
    """Return the lists of globs in the rules of a job."""
    rules = configuration.job_rules(job) or []
    found = [changes_of(rule.content) for rule in rules]
    return [listed for listed in found if isinstance(listed, Items)]


def _only_list(configuration: Configuration, job: str) -> Items:
    found = lists(configuration, job)
    if len(found) != 1:
        raise Unchangeable(
            f"{job} has {len(found)} rules with changes, and exactly one is expected"
        )
    return found[0]


def _extended(lines: Sequence[str], listed: Items, missing: Sequence[str]) -> list[str]:
    """Return the lines with items after the last one of a list, or as they are."""
    if not listed or listed.is_flow or isinstance(listed, Reference):
        return [*lines]
    mark = listed.nodes[-1].start_mark
    last, column = mark.line, mark.column
    if last >= len(lines) or lines[last][:column].strip() != "-":
        return [*lines]
    indent = lines[last][: lines[last].index("-")]
    quote = lines[last][column] if lines[last][column:][:1] in ('"', "'") else '"'
    items = [f"{indent}- {quote}{path}{quote}" for path in missing]
    return [*lines[: last + 1], *items, *lines[last + 1 :]]
