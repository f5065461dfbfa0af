"""What the workflow rules in a project say of a branch. The host is the project.

https://docs.gitlab.com/ci/yaml/workflow/
"""

from pyinfra import context, host
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host

from ops.api.console import report
from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import load
from ops.gitlab.ci.workflow import Verdict, undecided, verdict
from ops.gitlab.facts.repository import DefaultBranch, MergedConfiguration, RepositoryFile
from ops.http.watch import READ_ERRORS, ask


def report_pipelines(file: str, ref: str, branch: str) -> None:
    """Print whether a push to a branch makes a pipeline, and what else would start one.

    + file: path of the CI configuration
    + ref: branch of which it is read
    + branch: the one that should have no pipelines

    It is a report and fails for nothing: what could not be read is said to be undecided. A deploy
    calls it before its operations.
    """
    # `host` is pyinfra's proxy for the current host.
    found = seen(context.inventory.get_host(host.name), file, ref, branch)
    advice = ""
    if found.kept_off is False:
        advice = f': put `if: $CI_COMMIT_BRANCH == "{branch}"` with `when: never` before all others'
    lines = [f"{file} of {ref}: {found.text}{advice}"]
    report(host, [*lines, *(f"remark on {branch}: {remark}" for remark in found.remarks)])


def seen(project: Host, file: str, ref: str, branch: str) -> Verdict:
    """Return what the workflow rules say of a branch; what cannot be read is undecided.

    + project: the host of the project
    + file: path of the CI configuration, of which GitLab's own view counts where it has an include
    + ref: branch of which it is read
    + branch: the one in question
    """
    try:
        text = _text(project, file, ref)
        uses_default = "CI_DEFAULT_BRANCH" in text
        default = str(ask(project, DefaultBranch)) if uses_default else ""
        return verdict(load(text), branch, default)
    except (*READ_ERRORS, PyinfraError, Unchangeable) as error:
        return undecided(branch, error)


def _text(project: Host, file: str, ref: str) -> str:
    live = ask(project, RepositoryFile, path=file, ref=ref)
    if live is None:
        raise Unchangeable(f"{ref} has no {file}")
    if not load(live.text).includes():
        return str(live.text)
    merged = ask(project, MergedConfiguration, ref=ref)["merged_yaml"]
    if merged is None:
        raise Unchangeable(f"{file} of {ref} is not valid to GitLab")
    return str(merged)
