"""Paths that are added to the `rules:changes` of a .gitlab-ci.yml, line by line.

What is not changed keeps its comments, quotes and layout to the last character, because only lines
are inserted. https://docs.gitlab.com/ci/yaml/#ruleschanges
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import GLOBAL, Configuration, changes_of, load
from ops.gitlab.ci.document import Items, Reference


@dataclass(frozen=True)
class Filter:
    """A list of globs in the file.

    + listed: the globs
    + jobs: names of the jobs, also of hidden ones, in whose rules it stands
    """

    listed: Items
    jobs: list[str] = field(default_factory=list)


def with_changes(text: str, job: str, paths: Sequence[str]) -> str:
    """Return the configuration with paths added to a job's `rules:changes`, and to each like it.

    + text: the configuration
    + job: name of the job
    + paths: globs; those that are there already stay where they are

    Like it is each list with the same globs, wherever it stands: what the jobs of one purpose need
    is often written once for each of them. A list that jobs share through an anchor grows for all.
    Raises Unchangeable where the job has not exactly one rule with `changes`, or where its list is
    not a line for each path; another list of such a form stays as it is.
    """
    found = same_filters(load(text), job, paths)
    own = found[0].listed
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(end)
    # From the last one on, so that the lines of the others stay where they are.
    for listed in sorted((filter.listed for filter in found), key=lambda items: -items.line):
        missing = [path for path in paths if path not in list(listed)]
        lines = _extended(lines, listed, missing)
    new = end.join(lines)
    wanted = [*own, *(path for path in paths if path not in list(own))]
    if not _is_list(new, job, wanted):
        raise Unchangeable(f"the list of rules:changes of {job} has a form that cannot be extended")
    return new


def same_filters(configuration: Configuration, job: str, paths: Sequence[str]) -> list[Filter]:
    """Return the list of a job, and all others with the same globs, that of the job first.

    + configuration: the file
    + job: name of the job
    + paths: globs that make no difference, because some lists have them already
    """
    own = _only_list(configuration, job)
    globs = set(own) - set(paths)
    found = {id(own): Filter(own)}
    for name in configuration.entries:
        for listed in _lists_of_any(configuration, name):
            if set(map(str, listed)) - set(paths) == globs:
                found.setdefault(id(listed), Filter(listed)).jobs.append(name)
    return list(found.values())


def lists(configuration: Configuration, job: str) -> list[Items]:
    """Return the lists of globs in the rules of a job."""
    rules = configuration.job_rules(job) or []
    found = [changes_of(rule.content) for rule in rules]
    return [listed for listed in found if isinstance(listed, Items)]


def _lists_of_any(configuration: Configuration, name: object) -> list[Items]:
    """Return the lists of a job, or of a hidden one; what is none has none."""
    if not isinstance(name, str) or name in GLOBAL:
        return []
    try:
        return lists(configuration, name)
    except Unchangeable:
        return []


def _only_list(configuration: Configuration, job: str) -> Items:
    found = lists(configuration, job)
    if len(found) != 1:
        raise Unchangeable(
            f"{job} has {len(found)} rules with changes, and exactly one is expected"
        )
    return found[0]


def _is_list(text: str, job: str, wanted: Sequence[str]) -> bool:
    try:
        return list(_only_list(load(text), job)) == wanted
    except Unchangeable:
        return False


def _extended(lines: Sequence[str], listed: Items, missing: Sequence[str]) -> list[str]:
    """Return the lines with items after the last one of a list, or as they are."""
    if not listed or not missing or listed.is_flow or isinstance(listed, Reference):
        return [*lines]
    node = listed.nodes[-1]
    last, column = node.start_mark.line, node.start_mark.column
    is_one_line = node.end_mark.line == last < len(lines)
    if not is_one_line or lines[last][:column].strip() != "-":
        return [*lines]
    indent = lines[last][: lines[last].index("-")]
    quote = lines[last][column] if lines[last][column:][:1] in ('"', "'") else '"'
    items = [f"{indent}- {quote}{path}{quote}" for path in missing]
    return [*lines[: last + 1], *items, *lines[last + 1 :]]
