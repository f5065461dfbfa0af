"""What the CI configuration of a project makes of a branch. The host is the project.

https://docs.gitlab.com/ci/yaml/workflow/
"""

from pyinfra import context, host
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host

from ops.api.console import report
from ops.api.unchangeable import Unchangeable
from ops.gitlab import merged
from ops.gitlab.ci.workflow import Verdict, undecided, verdict
from ops.gitlab.facts.repository import DefaultBranch
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
    """Return what the rules say of a branch; what cannot be read is undecided.

    + project: the host of the project
    + file: path of the CI configuration; GitLab's own view counts where it includes something, or
      has inputs
    + ref: branch of which it is read
    + branch: the one in question
    """
    try:
        configuration = merged.configuration(project, file, ref)
        return verdict(configuration, branch, str(ask(project, DefaultBranch)))
    except (*READ_ERRORS, PyinfraError, Unchangeable) as error:
        return undecided(branch, error)
