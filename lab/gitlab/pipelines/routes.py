"""GitLab's HTTP of pipelines and jobs.

https://docs.gitlab.com/api/pipelines/ and https://docs.gitlab.com/api/jobs/
"""

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from lab.gitlab import entities
from lab.gitlab.pages import page
from lab.gitlab.pipelines.jobs import FINISHED, Job, Pipeline
from lab.gitlab.project import Project
from lab.gitlab.rules import boolean
from lab.server.http import Handler, beyond, parameters
from lab.server.refused import Refused

STATUSES = (
    "created", "waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running",
    "success", "failed", "canceling", "canceled", "skipped", "manual", "scheduled",
)  # fmt: skip
SCOPES = {"running": ("running",), "pending": ("pending",), "finished": FINISHED}
FILTERS_BEYOND = (
    "username", "name", "yaml_errors", "updated_after", "updated_before", "created_after",
    "created_before",
)  # fmt: skip
FILTERS = ("ref", "sha", "status", "source")
ORDERS = ("id", "status", "ref", "updated_at")


class PipelineRoutes:
    """The routes of pipelines and jobs below a project, and the jobs of a runner."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.pipelines = project.pipelines

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes below /projects/:id."""
        pipeline, job = "/pipelines/{pipeline:\\d+}", "/jobs/{job:\\d+}"
        return [
            ("GET", "/pipelines", self._list),
            ("GET", "/pipelines/latest", self._latest),
            ("POST", "/pipeline", self._create),
            ("GET", pipeline, self._get),
            ("DELETE", pipeline, self._delete),
            ("GET", f"{pipeline}/jobs", self._jobs_of_pipeline),
            ("GET", f"{pipeline}/variables", self._variables),
            ("POST", f"{pipeline}/cancel", self._cancel),
            ("POST", f"{pipeline}/retry", self._retry),
            ("GET", "/jobs", self._jobs),
            ("GET", job, self._job),
            ("GET", f"{job}/trace", self._trace),
            ("GET", f"{job}/artifacts/{{path:.+}}", self._artifact),
            ("POST", f"{job}/retry", self._retry_job),
            ("POST", f"{job}/play", self._play),
            ("POST", f"{job}/cancel", self._cancel_job),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        beyond(request, *FILTERS_BEYOND)
        found: list[Pipeline] = [
            p
            for p in self.pipelines.pipelines.values()
            if all(query.get(name, getattr(p, name)) == getattr(p, name) for name in FILTERS)
        ]
        scope = query.get("scope")
        if scope in ("branches", "tags"):
            raise Refused(501, "the lab does not simulate this scope of pipelines")
        if scope is not None:
            wanted = _one_of("scope", scope, SCOPES)
            found = [p for p in found if p.status in SCOPES[wanted]]
        order = _one_of("order_by", query.get("order_by", "id"), ORDERS)
        down = _one_of("sort", query.get("sort", "desc"), ("asc", "desc")) == "desc"
        found.sort(key=lambda p: (getattr(p, order), p.id), reverse=down)
        return page(request, [entities.pipeline(p, self.project) for p in found])

    async def _latest(self, request: web.Request) -> web.Response:
        ref = request.query.get("ref", self.project.data.branch)
        head = self.project.repository.heads().get(ref)
        found = [p for p in self.pipelines.pipelines.values() if (p.ref, p.sha) == (ref, head)]
        if not found:
            raise Refused(403, "403 Forbidden")  # GitLab asks whether nil may be read.
        return self._details(max(found, key=lambda p: p.id))

    async def _create(self, request: web.Request) -> web.Response:
        given = parameters(request)
        beyond(request, "inputs", "variables[][key]")
        if not given.get("ref"):
            raise Refused(400, "ref is missing", "error")
        variables = {v["key"]: str(v["value"]) for v in given.get("variables") or []}
        made = await self.project.run_pipeline(given["ref"], "api", variables)
        return self._details(made, 201)

    async def _get(self, request: web.Request) -> web.Response:
        return self._details(self.pipelines.get(_number(request, "pipeline")))

    async def _variables(self, request: web.Request) -> web.Response:
        given = self.pipelines.get(_number(request, "pipeline")).variables
        of_each = {"variable_type": "env_var", "raw": False}
        rows = [{"key": key, "value": value, **of_each} for key, value in given.items()]
        return page(request, rows)

    async def _delete(self, request: web.Request) -> web.Response:
        self.pipelines.delete(_number(request, "pipeline"))
        return web.Response(status=204)

    async def _cancel(self, request: web.Request) -> web.Response:
        return self._details(self.pipelines.cancel(_number(request, "pipeline")))

    async def _retry(self, request: web.Request) -> web.Response:
        return self._details(self.pipelines.retry(_number(request, "pipeline")), 201)

    async def _jobs_of_pipeline(self, request: web.Request) -> web.Response:
        pipeline = self.pipelines.get(_number(request, "pipeline"))
        every = boolean("include_retried", request.query.get("include_retried", False))
        jobs = pipeline.jobs if every else pipeline.current
        return await self._jobs_page(request, jobs, counted=True)

    async def _jobs(self, request: web.Request) -> web.Response:
        return await self._jobs_page(request, self.pipelines.jobs(), counted=False)

    async def _job(self, request: web.Request) -> web.Response:
        return await self._show(self.pipelines.job(_number(request, "job")))

    async def _trace(self, request: web.Request) -> web.Response:
        job = self.pipelines.job(_number(request, "job"))
        return web.Response(text=job.trace, content_type="text/plain")

    async def _artifact(self, request: web.Request) -> web.Response:
        """Answer with one file of the archive of a job's artifacts."""
        files = self.pipelines.job(_number(request, "job")).artifacts or {}
        path = request.match_info["path"]
        if path not in files:
            raise Refused(404, "404 Not Found")
        return web.Response(body=files[path].encode(), content_type="application/octet-stream")

    async def _retry_job(self, request: web.Request) -> web.Response:
        return await self._show(self.pipelines.retry_job(_number(request, "job")), 201)

    async def _play(self, request: web.Request) -> web.Response:
        return await self._show(self.pipelines.play(_number(request, "job")))

    async def _cancel_job(self, request: web.Request) -> web.Response:
        return await self._show(self.pipelines.cancel_job(_number(request, "job")), 201)

    async def of_runner(self, request: web.Request) -> web.Response:
        """Answer with the jobs that a runner has taken."""
        number = _number(request, "id")
        beyond(request, "system_id")
        self.project.gitlab.runner(number)
        status = request.query.get("status")
        jobs = [j for j in self.pipelines.jobs() if j.runner == number]
        jobs = [j for j in jobs if status in (None, j.status)]
        down = request.query.get("sort", "desc") == "desc"
        ordered = sorted(jobs, key=lambda job: job.id, reverse=down)
        return page(request, [await entities.job_basic(j, self.project) for j in ordered])

    async def _jobs_page(
        self, request: web.Request, jobs: Iterable[Job], counted: bool
    ) -> web.Response:
        scopes = request.query.getall("scope[]", request.query.getall("scope", []))
        for scope in scopes:
            _one_of("scope", scope, STATUSES)
        left = [job for job in jobs if not scopes or job.status in scopes]
        left.sort(key=lambda job: job.id, reverse=True)
        return page(request, [await entities.job(j, self.project) for j in left], counted)

    async def _show(self, job: Job, status: int = 200) -> web.Response:
        return web.json_response(await entities.job(job, self.project), status=status)

    def _details(self, pipeline: Pipeline, status: int = 200) -> web.Response:
        return web.json_response(entities.pipeline_details(pipeline, self.project), status=status)


def _number(request: web.Request, name: str) -> int:
    return int(request.match_info[name])


def _one_of(name: str, value: str, allowed: Mapping[str, Any] | Iterable[str]) -> str:
    if value not in allowed:
        raise Refused(400, f"{name} does not have a valid value", "error")
    return value
