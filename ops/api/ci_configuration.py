"""A project's .gitlab-ci.yml: read with its positions, and changed line by line.

What is not changed keeps its comments, quotes and layout to the last character, because only lines
are inserted. https://docs.gitlab.com/ci/yaml/
"""

import re
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from wcmatch.glob import BRACE, DOTGLOB, GLOBSTAR, globmatch

from ops.api.nested import Unchangeable


def load(text: str) -> Any:
    """Return the document, whose parts know their positions; raise Unchangeable in words."""
    try:
        return YAML(typ="rt").load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise Unchangeable(f"it is no YAML{where}") from None


def with_changes(text: str, job: str, paths: Sequence[str]) -> str:
    """Return the configuration with paths added to a job's `rules:changes`.

    + text: the configuration
    + job: name of the job
    + paths: globs; those that are there already stay where they are

    Raises Unchangeable where the job has not exactly one rule with `changes`, or where the new text
    would mean something else than these paths in addition.
    """
    listed = _changes(load(text), job)
    missing = [path for path in paths if path not in list(listed)]
    if not missing:
        return text
    lines = text.splitlines(keepends=True)
    last, column = listed.lc.item(len(listed) - 1)
    indent = lines[last][: lines[last].index("-")]
    quote = lines[last][column] if lines[last][column] in "\"'" else '"'
    lines[last + 1 : last + 1] = [f"{indent}- {quote}{path}{quote}\n" for path in missing]
    new = "".join(lines)
    if list(_changes(load(new), job)) != [*listed, *missing]:
        raise Unchangeable(f"the list of rules:changes of {job} has a form that cannot be extended")
    return new


def rules(document: Any, job: str) -> list[Any]:
    """Return the rules of a job; an empty list where it has none."""
    return list((document.get(job) or {}).get("rules") or [])


def changes_of(document: Any, jobs: Sequence[str]) -> list[str]:
    """Return the globs of `rules:changes` of the first of some jobs that has any."""
    for job in jobs:
        lists = _lists(document, job)
        if lists:
            return [str(glob) for glob in lists[0]]
    return []


def matches(path: str, glob: str) -> bool:
    """Return whether a path matches a glob of `rules:changes`.

    GitLab uses Ruby's File.fnmatch with FNM_PATHNAME, FNM_DOTMATCH and FNM_EXTGLOB: `**/` stands
    for any number of directories, but `**` at the end only for one name, as `*` does.
    """
    ruby = re.sub(r"\*\*(?!/)", "*", glob)
    return bool(globmatch(path, ruby, flags=GLOBSTAR | DOTGLOB | BRACE))


def keeps_off(document: Any, branch: str) -> bool:
    """Return whether the workflow rules say that nothing runs for a branch.

    Understood is a rule `if: $CI_COMMIT_BRANCH == "BRANCH"` with `when: never` that comes before
    any rule without a condition.
    """
    for rule in (document.get("workflow") or {}).get("rules") or []:
        condition = " ".join(str(rule.get("if", "")).replace("'", '"').split())
        if condition == f'$CI_COMMIT_BRANCH == "{branch}"':
            return bool(rule.get("when") == "never")
        if not condition:
            return False
    return False


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
    lists = [rule["changes"] for rule in rules(document, job) if "changes" in rule]
    # Newer GitLab versions also know a form with `paths`.
    return [found["paths"] if hasattr(found, "keys") else found for found in lists]
