"""What is said before a `rules:changes` is widened: which jobs a push would have then.

The host is the project. https://docs.gitlab.com/ci/yaml/#ruleschanges, …/api/lint/
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationValueError

from ops.api.console import report
from ops.api.once import once
from ops.api.operation import operation, read
from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import Configuration, load, load_merged
from ops.gitlab.ci.filters import with_changes
from ops.gitlab.ci.globs import matches
from ops.gitlab.ci.pipeline import outcome
from ops.gitlab.ci.purpose import disagreement, examples, in_words, purposes
from ops.gitlab.ci.start import Start
from ops.gitlab.facts.repository import (
    CiLint,
    DefaultBranch,
    MergedConfiguration,
    RepositoryFile,
    RepositoryFiles,
)
from ops.gitlab.merged import errors

# What a place needs before it; a file of a project is named with the project.
_KINDS = {
    "local": "the file ",
    "template": "GitLab's own template ",
    "remote": "the file at ",
    "component": "the component ",
}


@operation
def purpose(file: str, ref: str, job: str, paths: Sequence[str]) -> Iterator[PyinfraCommand]:
    """
    See which jobs a push gets that changes only one of some paths, before and after they are added.

    + file: path of the CI configuration
    + ref: name of the branch
    + job: name of the job whose `rules:changes` is widened
    + paths: globs that are added to it, and to all lists like it

    For each path a file of the branch is taken, and the rules are decided as GitLab does it; a
    simulated pipeline of GitLab itself (CI lint, `dry_run`) has to agree. Jobs that a complete
    pipeline has, and such a push would still lack, are named with the rule that leaves them out.
    Nothing is changed. Raises OperationValueError where the job is not in the file (the message
    says in which of the included ones it may be), and where GitLab does not accept the new text.

    **Example:**

    ```python
    changes_filter.purpose(
        name="See which jobs a push gets that changes the configuration alone",
        file=".gitlab-ci.yml",
        ref="development",
        job="experiment:build",
        paths=["k8s/**/*"],
    )
    ```
    """
    files = read(host, RepositoryFiles, ref=ref)
    _say(line for glob in paths for line in _about(glob, files, ref))
    live = read(host, RepositoryFile, path=file, ref=ref)
    if live is None:
        raise OperationValueError(f"{host.name}: {ref} has no file {file}")
    try:
        old = load(live.text)
        if job not in old.entries and old.includes():
            raise Unchangeable(_elsewhere(job, old, read(host, MergedConfiguration, ref=ref)))
        new = with_changes(live.text, job, paths)
    except Unchangeable as error:
        raise OperationValueError(f"{host.name}: {file} of {ref}: {error}") from None
    if new == live.text:
        host.noop(f"{job} has these paths in its rules:changes")
        return
    lint = read(host, CiLint, content=new, simulated_on=ref)
    if not lint["valid"]:
        raise OperationValueError(
            f"{host.name}: GitLab does not accept the new {file}: {errors(lint)}"
        )
    start = Start(ref, "push", None, files, read(host, DefaultBranch))
    # Lines are those of the file, where that is all there is.
    after = load(new) if old.is_whole else load_merged(lint["merged_yaml"])
    _say(_becomes(_merged(old, ref), after, start, paths, lint))
    host.noop("it is said which jobs a push gets")
    yield from ()


def _becomes(
    old: Configuration,
    new: Configuration,
    start: Start,
    paths: Sequence[str],
    lint: Mapping[str, Any],
) -> Iterator[str]:
    files = start.files if isinstance(start.files, list) else []
    yield from in_words(purposes(old, new, start, examples(paths, files)))
    # GitLab simulates a push in which everything has changed.
    odd = disagreement(lint["jobs"], outcome(new, start))
    if odd:
        yield f"GitLab's own simulation says another thing of {', '.join(odd)}: look there"


def _merged(old: Configuration, ref: str) -> Configuration:
    if old.is_whole:
        return old
    text = read(host, MergedConfiguration, ref=ref)["merged_yaml"]
    return old if text is None else load_merged(text)


def _elsewhere(job: str, old: Configuration, merged: Mapping[str, Any]) -> str:
    """Return where a job is defined that is not in the file itself."""
    text = merged["merged_yaml"]
    if text is not None and job not in load(text).entries:
        return f"it has no job {job}, and neither has what it includes"
    places = [_place(found) for found in merged["includes"]] or old.includes()
    return (
        f"{job} is not in it, but in what it includes, and is to be changed there:"
        f" {'; '.join(places)}"
    )


def _place(included: Mapping[str, Any]) -> str:
    project = (included.get("extra") or {}).get("project")
    where = f" of project {project}" if project else ""
    kind = _KINDS.get(str(included.get("type")), "")
    link = included.get("blob") or included.get("raw") or ""
    shown = f" ({link})" if link and link != included["location"] else ""
    return f"{kind}{included['location']}{where}{shown}"


def _about(glob: str, files: Sequence[str], ref: str) -> Iterator[str]:
    """Yield what there is to say of a glob that does not match what it seems to."""
    matched = [path for path in files if matches(path, glob)]
    text = "" if matched else f"{glob} matches no file of {ref}"
    directory = glob.removesuffix("**")
    below = [p for p in files if p.startswith(directory) and p not in matched]
    if glob.endswith("/**") and below:
        text = text or f"{glob} does not match all that is in {directory}"
        text += f": to GitLab it means the files right in there, and not {below[0]}."
        text += f" {glob}/* matches those, too (changes_filter_paths)"
    if text:
        yield text


def _say(found: Iterator[str]) -> None:
    lines = list(found)
    if lines:
        once("\n".join(lines), lambda: report(host, lines))
