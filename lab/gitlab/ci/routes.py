"""GitLab's HTTP of the linter (https://docs.gitlab.com/api/lint/)."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from lab.gitlab.ci.config import Config, Invalid, JobSpec, NoPipeline
from lab.gitlab.ci.includes import dumped, put_together
from lab.gitlab.ci.inputs import raw
from lab.gitlab.project import Project
from lab.gitlab.rules import boolean
from lab.server.http import Handler, parameters
from lab.server.refused import Refused


class CiRoutes:
    """The routes of the linter."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes below /projects/:id."""
        return [
            ("GET", "/ci/lint", self._lint_commit),
            ("POST", "/ci/lint", self._lint),
        ]

    async def _lint(self, request: web.Request) -> web.Response:
        given = parameters(request)
        if given.get("content") is None:
            raise Refused(400, "content is missing", "error")
        head = self.project.repository.heads()[self.project.data.branch]
        return await self._result(given, str(given["content"]), head)

    async def _lint_commit(self, request: web.Request) -> web.Response:
        given = dict(request.query)
        ref = given.get("content_ref") or given.get("sha") or self.project.data.branch
        sha = await self.project.repository.resolve(ref)
        if sha is None:
            raise Refused(404, "404 Commit Not Found")
        file = await self.project.repository.file(sha, self.project.data.ci_file)
        content = "" if file is None else file.content.decode(errors="replace")
        return await self._result(given, content, sha)

    async def _result(self, given: Mapping[str, Any], content: str, sha: str) -> web.Response:
        errors: list[str] = []
        warnings: list[str] = []
        includes: list[dict[str, Any]] = []
        specs: list[JobSpec] = []
        merged = None
        try:
            text, includes = await put_together(
                content, lambda *where: self.project.included(sha, *where)
            )
            config = Config(text)
            warnings = config.warnings
            if _flag(given, "dry_run"):
                specs = self._simulated(config, given, sha)
            merged = dumped(raw(text))
        except (Invalid, NoPipeline) as error:
            errors = list(error.args)
        answer = {"valid": not errors, "errors": errors, "warnings": warnings}
        answer |= {"merged_yaml": merged, "includes": includes}
        if _flag(given, "include_jobs"):
            answer["jobs"] = [_shown(spec) for spec in specs]
        return web.json_response(answer)

    def _simulated(self, config: Config, given: Mapping[str, Any], sha: str) -> list[JobSpec]:
        """Return the jobs of a push that has changed everything."""
        ref = given.get("dry_run_ref") or given.get("ref") or self.project.data.branch
        if ref not in self.project.repository.heads():
            raise Invalid("Reference not found")
        return self.project.pipelines.specs(config, sha, str(ref), "push", {}, None)


def _flag(given: Mapping[str, Any], name: str) -> bool:
    return boolean(name, given.get(name) or False)


def _shown(spec: JobSpec) -> dict[str, Any]:
    return {
        "name": spec.name, "stage": spec.stage, "script": list(spec.script),
        "tag_list": list(spec.tags), "when": spec.when, "allow_failure": spec.allow_failure,
    }  # fmt: skip
