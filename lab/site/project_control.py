"""What LAB_URL can do to the project: commits of others, job logs, failing jobs."""

from collections.abc import Awaitable, Callable
from typing import Any

from lab.git.process import GitFailed
from lab.gitlab.pipelines.jobs import Job
from lab.gitlab.project import Project
from lab.server.faults import UnknownFault

README = "README.md"
Action = Callable[[dict[str, Any]], Awaitable[None] | None]


class ProjectControl:
    """The actions of `POST /faults` that happen at once to the project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def actions(self) -> dict[str, Action]:
        """Return the actions by name."""
        return {
            "diverge": self._diverge,
            "commit": self._commit,
            "share": self._share,
            "set_trace": self._set_trace,
            "fail_job": self._fail_job,
            "finish_job": self._finish_job,
            "add_freeze_period": self._add_freeze_period,
            "drop_job": lambda f: self.project.scheduler.drop(self._job(f["job"])),
        }

    async def _diverge(self, fault: dict[str, Any]) -> None:
        remote, branch = fault["remote"], fault["branch"]
        await self._tell(remote, branch, self.project.remotes.diverge(remote, branch))

    async def _commit(self, fault: dict[str, Any]) -> None:
        remote, branch = fault["remote"], fault["branch"]
        file = None if "files" in fault else await self._readme(remote, branch)
        files = fault.get("files") or {README: f"{file}\n"}
        message = fault.get("message", "Describe it better\n")
        made = self.project.remotes.commit(remote, branch, message, files)
        await self._tell(remote, branch, made)

    async def _tell(self, remote: str, branch: str, made: Awaitable[tuple[str, str]]) -> None:
        try:
            old, new = await made
        except GitFailed as error:
            raise UnknownFault(str(error)) from None
        if remote == "gitlab":
            # Its pipeline is there when the answer comes; a push of one's own has to be waited for.
            await self.project.run_push_pipeline(branch, old, new)

    async def _readme(self, remote: str, branch: str) -> str:
        repository = self.project.remotes.repositories[remote]
        file = await repository.file(repository.heads()[branch], README)
        return "" if file is None else file.content.decode()

    def _add_freeze_period(self, fault: dict[str, Any]) -> None:
        self.project.freeze_periods.add(fault)

    def _share(self, fault: dict[str, Any]) -> None:
        self.project.shared[fault["project"], fault["file"]] = fault["text"]

    def _set_trace(self, fault: dict[str, Any]) -> None:
        job = self._job(fault["job"])
        job.trace, job.trace_is_set = fault["text"], True
        job.artifacts = fault.get("artifacts", job.artifacts)
        job.delivered = fault.get("delivered", job.delivered)

    def _fail_job(self, fault: dict[str, Any]) -> None:
        self.project.scheduler.fail(fault["job"], fault.get("times", 1))

    def _finish_job(self, fault: dict[str, Any]) -> None:
        self.project.scheduler.finish(self._job(fault["job"]), fault.get("status", "success"))

    def _job(self, which: int | str) -> Job:
        if isinstance(which, int):
            return self.project.pipelines.job(which)
        found = [job for job in self.project.pipelines.jobs() if job.spec.name == which]
        if not found:
            raise UnknownFault(f"no job {which}")
        return found[-1]
