"""What a .gitlab-ci.yml makes of a push to a branch, and what else would start a pipeline of it.

There is no pipeline where the workflow lets there be none, and none without a job.
https://docs.gitlab.com/ci/yaml/#workflowrules
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ops.gitlab.ci.configuration import Configuration
from ops.gitlab.ci.fate import reason, words
from ops.gitlab.ci.pipeline import Outcome, outcome
from ops.gitlab.ci.start import UNREAD, Start

PUSH = "push"
# What else starts a pipeline of a branch, as CI_PIPELINE_SOURCE says it.
SOURCES = ("web", "api", "schedule", "trigger", "pipeline", "chat", "webide")
_NO_RULES = "there are no workflow rules"


@dataclass(frozen=True)
class Verdict:
    """What the rules say of a branch.

    + kept_off: whether a push to the branch makes no pipeline; None where that is undecided
    + text: the same in words, with the rule that decides
    + remarks: what else starts a pipeline of the branch, or may
    """

    kept_off: bool | None
    text: str
    remarks: tuple[str, ...] = ()


def undecided(branch: str, why: object, remarks: tuple[str, ...] = ()) -> Verdict:
    """Return the verdict where it cannot be said what a push to a branch does."""
    text = f"whether a push to {branch} makes a pipeline is undecided: {why}"
    return Verdict(None, text, remarks)


def verdict(configuration: Configuration, branch: str, default_branch: str = "") -> Verdict:
    """Return what the rules say of pipelines of a branch.

    + configuration: what the file says, or GitLab's merged view of it
    + branch: name of the branch
    + default_branch: of the project; empty where it is not known

    Pipelines of tags and of merge requests are not looked at. What depends on a variable that is
    not known, or on the files that a push changes, is undecided.
    """
    push = outcome(configuration, Start(branch, PUSH, UNREAD, default_branch=default_branch))
    made = push.is_made()
    if made and push.pipeline.rule is None:
        remarks: tuple[str, ...] = ()  # Whatever starts one makes one.
    else:
        remarks = tuple(_remarks(configuration, branch, default_branch))
    if made is None:
        return undecided(branch, _doubt(push), remarks)
    if made:
        return Verdict(False, f"a push to {branch} makes a pipeline: {_maker(push)}", remarks)
    why = "" if push.pipeline.exists is False else ": the rules of no job let it into one"
    return Verdict(True, f"a push to {branch} makes no pipeline{why}", remarks)


def _remarks(configuration: Configuration, branch: str, default_branch: str) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for source in SOURCES:
        result = outcome(configuration, Start(branch, source, default_branch=default_branch))
        made = result.is_made()
        if made:
            found.setdefault(f"makes one: {_maker(result)}", []).append(source)
        elif made is None:
            found.setdefault(f"may make one: {_doubt(result)}", []).append(source)
    for words_, sources in found.items():
        yield f"source {', '.join(sources)} {words_}"


def _maker(made: Outcome) -> str:
    """Return what lets there be a pipeline, and a job that is in it."""
    rule = made.pipeline.rule
    job = next(name for name, fate in made.jobs.items() if fate.exists and not fate.is_at_edge)
    return f"{f'{words(rule)} matches' if rule else _NO_RULES}, and {job} is in it"


def _doubt(open_: Outcome) -> str:
    """Return why it is undecided whether there is a pipeline."""
    if open_.pipeline.exists is None:
        return reason(open_.pipeline)
    for job, need in open_.unmet:
        return f"GitLab refuses it: {job} needs {need}, which is not in it"
    job = next((name for name in open_.undecided() if not open_.jobs[name].is_at_edge), "")
    return f"{job}: {reason(open_.jobs[job])}" if job else "its jobs may be in what is included"
