"""The project on GitLab: its repository, pipelines and variables together."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.git.process import NULL
from lab.git.repository import Commit, Repository
from lab.git.state import Remotes
from lab.gitlab.ci.config import Invalid, NoPipeline
from lab.gitlab.ci.includes import put_together
from lab.gitlab.freeze_periods import FreezePeriods
from lab.gitlab.initial import ProjectData
from lab.gitlab.job_variables import Levels
from lab.gitlab.pipelines.initial import fill
from lab.gitlab.pipelines.jobs import Job, Pipeline
from lab.gitlab.pipelines.scheduler import Scheduler
from lab.gitlab.pipelines.state import Pipelines
from lab.gitlab.pipelines.traces import Traces
from lab.gitlab.protection import Protection
from lab.gitlab.schedules import Schedules
from lab.gitlab.state import GitLab
from lab.gitlab.variables import Variables
from lab.kubernetes.state import Kubernetes
from lab.server.refused import Refused

SKIP = ("[skip ci]", "[ci skip]")
PUSH_SECONDS = 0.3


class Project:
    """What belongs to the project, and what a push brings about.

    + directory: where its repositories and the operator's clone are
    + data: what it is, and what there is of it in the beginning

    `shared` has what its CI configuration may include beside its own files, by the path of the
    project (or `template`, `remote`, `component`) and the path, URL or address there.
    """

    def __init__(
        self, gitlab: GitLab, kubernetes: Kubernetes, directory: Path, data: ProjectData
    ) -> None:
        self.gitlab = gitlab
        self.data = data
        self.remotes = Remotes(directory, data.repository)
        self.pipelines = Pipelines(data.branch, gitlab.clock)
        self.variables = Variables(data.variables, data.present, data.further)
        self.levels = Levels(data.path, self.variables)
        self.traces = Traces(data.output, data.branch, self.levels.exist)
        self.schedules = Schedules()
        self.freeze_periods = FreezePeriods()
        self.protection = Protection([data.branch, data.repository.history.archive])
        self.scheduler = Scheduler(
            gitlab, kubernetes, self.pipelines, self.traces, data.pods, self._variables_of
        )
        self.web_url = ""
        self.push_seconds = PUSH_SECONDS
        self.shared: dict[tuple[str, str], str] = {}
        self._commits: dict[str, Commit] = {}
        self._pushes: set[asyncio.Task[None]] = set()

    @property
    def repository(self) -> Repository:
        """The repository on GitLab."""
        return self.remotes.repositories["gitlab"]

    def prepare(self, servers: Mapping[str, str]) -> None:
        """Make the repositories; the URLs of their servers have to be known."""
        self.web_url = f"{servers['gitlab']}/{self.data.path}"
        self.remotes.prepare(servers)

    def reset(self) -> None:
        """Go back to the beginning."""
        self.remotes.reset()
        self.traces.reset()
        self.levels.reset()
        self.protection.reset()
        self.schedules.reset()
        self.freeze_periods.reset()
        self.scheduler.reset()
        self.pipelines.reset()
        self.push_seconds = PUSH_SECONDS
        self.shared.clear()
        for task in self._pushes:
            task.cancel()
        fill(self.pipelines, self.traces, self.data, self.remotes.shas, self.gitlab.installation)

    def state(self) -> dict[str, Any]:
        """Return everything for `GET /state`."""
        return {
            "branches": self.remotes.state(),
            "pipelines": self.pipelines.state(_job_state),
            "variables": self.variables.state(),
            "variables_above": self.levels.state(),
            "protected_branches": self.protection.names,
            "runners": self.scheduler.state(),
        }

    async def commit(self, sha: str) -> Commit:
        """Return a commit; it never changes, so git is asked once."""
        if sha not in self._commits:
            self._commits[sha] = await self.repository.commit(sha)
        return self._commits[sha]

    async def run_pipeline(self, ref: str, source: str, variables: dict[str, str]) -> Pipeline:
        """Make a pipeline for the head of a branch; raise Refused where GitLab makes none."""
        sha = self.repository.heads().get(ref)
        if sha is None:
            raise _base("Reference not found")
        try:
            made = self.pipelines.add(sha, ref, source, await self._config(sha), variables)
        except NoPipeline as error:
            raise _base(str(error)) from None
        except Invalid as error:
            raise _base(*error.args) from None
        self.pipelines.cancel_redundant(made, self.repository.heads().get(ref))
        return made

    async def pushed(self, branch: str, old: str, new: str) -> None:
        """Make the pipeline of a push a while later, as GitLab does in a background job."""
        if not self.push_seconds:
            await self.run_push_pipeline(branch, old, new)
            return
        task = asyncio.create_task(self._after_push(branch, old, new))
        self._pushes.add(task)
        task.add_done_callback(self._pushes.discard)

    async def run_push_pipeline(self, branch: str, old: str, new: str) -> None:
        """Make the pipeline of a push, if the rules say that there is one."""
        if new == NULL:
            return
        message = (await self.commit(new))["message"]
        if any(text in message for text in SKIP):
            self.pipelines.add_skipped(new, branch, old)
            return
        # Without a commit before, GitLab takes everything for changed.
        changed = None if old == NULL else await self.repository.changed(old, new)
        try:
            config = await self._config(new)
            made = self.pipelines.add(new, branch, "push", config, {}, old, changed)
            self.pipelines.cancel_redundant(made, self.repository.heads().get(branch))
        except Invalid as error:
            self.pipelines.add_broken(new, branch, old, error)
        except NoPipeline:
            return

    def _variables_of(self, job: Job) -> dict[str, str]:
        pipeline = self.pipelines.get(job.pipeline)
        is_protected = self.protection.covers(pipeline.ref)
        return self.levels.of_job(is_protected, job.spec.environment, pipeline.variables)

    async def _after_push(self, branch: str, old: str, new: str) -> None:
        await self.gitlab.clock.sleep(self.push_seconds)
        await self.run_push_pipeline(branch, old, new)

    async def _config(self, sha: str) -> str:
        file = await self.repository.file(sha, self.data.ci_file)
        if file is None:
            raise NoPipeline("Missing CI config file")
        text = file.content.decode(errors="replace")
        return (await put_together(text, lambda *where: self.included(sha, *where)))[0]

    async def included(self, sha: str, project: str, path: str) -> str | None:
        """Return a file that a CI configuration of a commit includes."""
        if project:
            return self.shared.get((project, path))
        file = await self.repository.file(sha, path)
        return None if file is None else file.content.decode(errors="replace")


def _base(*messages: str) -> Refused:
    return Refused(400, {"base": list(messages)})


def _job_state(job: Job) -> dict[str, Any]:
    names = ("id", "status", "runner", "retried", "failure_reason")
    spec = {"name": job.spec.name, "stage": job.spec.stage, "tag_list": sorted(job.spec.tags)}
    return {**{name: getattr(job, name) for name in names}, **spec}
