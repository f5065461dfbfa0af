"""Pipelines that this run triggers: the request, and the look at what came of it."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.console import report_problem
from ops.api.line import ABSENT, change
from ops.api.reverse import Reverse
from ops.gitlab.facts.pipelines import PipelineJobs
from ops.gitlab.pipelines.branch import Branch
from ops.gitlab.pipelines.required import Required
from ops.http.request import Request, get
from ops.http.watch import ask, watch

READ_SECONDS = 60

_triggered: dict[str, list[int]] = {}


def triggered(project: Host) -> set[int]:
    """Return the ids of the pipelines of a project that this run has triggered."""
    return set(_triggered.get(project.name, ()))


def request(project: Host, ref: str, branch: Branch) -> Request:
    """Return the request that triggers a pipeline with all jobs; a lost answer is looked up.

    + project: the host of the project
    + ref: name of the branch
    + branch: its pipelines so far
    """
    path = project.data.gitlab_path
    newest = max((pipeline["id"] for pipeline in branch.pipelines), default=0)

    def new(listed: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        return next((p for p in listed if p["id"] > newest), None)

    return Request(
        "POST",
        f"{path}/pipeline",
        {"ref": ref},
        changes=[
            change(
                f"complete pipeline of {ref} at {branch.head[:8]}",
                ABSENT,
                "triggered",
                "(absent) -> triggered",
            )
        ],
        lookup=get(f"{path}/pipelines", ref=ref, source="api", order_by="id", sort="desc"),
        found=new,
        done=functools.partial(_remember, project.name),
    ).taken_back_by(Reverse(never=f"a pipeline of {ref} was started: cancel it in GitLab"))


def _remember(project: str, pipeline: Mapping[str, Any]) -> None:
    _triggered.setdefault(project, []).append(int(pipeline["id"]))


def is_complete(state: State, host: Host, required: Required) -> bool:
    """Return whether the pipeline that was just triggered has all jobs; say which it lacks."""
    number = _triggered[host.name][-1]

    def look(elapsed: float) -> bool:
        lacks = required.missing(ask(host, PipelineJobs, pipeline=number))
        if lacks:
            text = f"pipeline {number} was triggered and lacks {', '.join(lacks)}"
            what = "look at its variables in GitLab"
            if required.is_listed:
                what = "correct pipeline_jobs in group_data/project.py"
            report_problem(host, [f"{text}: {what}"])
        return not lacks

    text = f"the jobs of pipeline {number}, which was triggered, could not be read"
    verdict = watch(host, look, seconds=READ_SECONDS, interval=1, waiting=lambda: text)
    if verdict is None:
        report_problem(host, [f"{text} for {READ_SECONDS} s. Run again."])
    return bool(verdict)
