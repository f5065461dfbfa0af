"""A project's .gitlab-ci.yml: read with its positions, and changed line by line.

What is not changed keeps its comments, quotes and layout to the last character, because only lines
are inserted. https://docs.gitlab.com/ci/yaml/
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ops.api.nested import Unchangeable


def load(text: str) -> Any:
    """Return the document, whose parts know their positions; raise Unchangeable in words."""
    try:
        document = YAML(typ="rt").load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise Unchangeable(f"it is no YAML{where}") from None
    if not isinstance(document, Mapping):
        raise Unchangeable("it is no mapping of jobs")
    return document


def with_changes(text: str, job: str, paths: Sequence[str]) -> str:
    """Return the configuration with paths added to a job's `rules:changes`.

    + text: the configuration
    + job: name of the job
    + paths: globs; those that are there already stay where they are

    A list that other jobs share through an anchor grows for them, too. Raises Unchangeable where
    the job has not exactly one rule with `changes`, or where its list is not a line for each path.
    """
    listed = _changes(load(text), job)
    missing = [path for path in paths if path not in list(listed)]
    if not missing:
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(end)
    new = end.join(_extended(lines, listed, missing))
    try:
        is_right = list(_changes(load(new), job)) == [*listed, *missing]
    except Unchangeable:
        is_right = False
    if not is_right:
        raise Unchangeable(f"the list of rules:changes of {job} has a form that cannot be extended")
    return new


def _extended(lines: Sequence[str], listed: Any, missing: Sequence[str]) -> list[str]:
    """Return the lines with items after the last one of a list, or as they are."""
    if not listed or listed.fa.flow_style():
        return [*lines]
    last, column = listed.lc.item(len(listed) - 1)
    if lines[last][:column].strip() != "-":
        return [*lines]
    indent = lines[last][: lines[last].index("-")]
    quote = lines[last][column] if lines[last][column] in "\"'" else '"'
    items = [f"{indent}- {quote}{path}{quote}" for path in missing]
    return [*lines[: last + 1], *items, *lines[last + 1 :]]


def rules(document: Any, job: str) -> list[Any]:
    """Return the rules of a job that stand there, and not in another place (`!reference`)."""
    return [rule for rule in _rules(document.get(job)) if isinstance(rule, Mapping)]


def changes_of(document: Any, jobs: Sequence[str]) -> list[str]:
    """Return the globs of `rules:changes` of the first of some jobs that has any."""
    for job in jobs:
        lists = _lists(document, job)
        if lists:
            return [str(glob) for glob in lists[0]]
    return []


def _changes(document: Any, job: str) -> Any:
    if job not in document:
        raise Unchangeable(f"it has no job {job}")
    lists = _lists(document, job)
    if len(lists) != 1:
        raise Unchangeable(
            f"{job} has {len(lists)} rules with changes, and exactly one is expected"
        )
    return lists[0]


def _lists(document: Any, job: str) -> list[Any]:
    found = [rule["changes"] for rule in rules(document, job) if "changes" in rule]
    # Newer GitLab versions also know a form with `paths`.
    lists = [value.get("paths") if isinstance(value, Mapping) else value for value in found]
    return [value for value in lists if isinstance(value, list)]


def _rules(part: Any) -> list[Any]:
    found = part.get("rules") if isinstance(part, Mapping) else None
    return found if isinstance(found, list) else []
