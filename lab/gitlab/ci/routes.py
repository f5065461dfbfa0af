"""GitLab's HTTP of CI/CD variables, lint and freeze periods.

https://docs.gitlab.com/api/project_level_variables/, https://docs.gitlab.com/api/lint/ and
https://docs.gitlab.com/api/freeze_periods/
"""

from aiohttp import web

from lab.gitlab.ci.config import Config, Invalid
from lab.gitlab.pages import page
from lab.gitlab.project import Project
from lab.gitlab.rules import boolean
from lab.server.http import Handler, parameters
from lab.server.refused import Refused

SCOPE = "filter[environment_scope]"


class CiRoutes:
    """The routes of variables, the linter and freeze periods."""

    def __init__(self, project: Project) -> None:
        self.variables = project.variables

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes below /projects/:id."""
        return [
            ("GET", "/variables", self._list),
            ("POST", "/variables", self._create),
            ("GET", "/variables/{key}", self._get),
            ("PUT", "/variables/{key}", self._update),
            ("DELETE", "/variables/{key}", self._delete),
            ("POST", "/ci/lint", self._lint),
            ("GET", "/freeze_periods", self._freeze_periods),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        return page(request, self.variables.all())

    async def _create(self, request: web.Request) -> web.Response:
        return web.json_response(self.variables.create(parameters(request)), status=201)

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self.variables.get(*_which(request)))

    async def _update(self, request: web.Request) -> web.Response:
        return web.json_response(self.variables.update(*_which(request), parameters(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        self.variables.delete(*_which(request))
        return web.Response(status=204)

    async def _lint(self, request: web.Request) -> web.Response:
        given = parameters(request)
        if given.get("content") is None:
            raise Refused(400, "content is missing", "error")
        for name in ("dry_run", "include_jobs"):
            if boolean(name, given.get(name) or False):
                raise Refused(501, f"the lab does not simulate {name} of ci/lint")
        errors, warnings = [], []
        try:
            warnings = Config(given["content"]).warnings
        except Invalid as error:
            errors = list(error.args)
        merged = None if errors else given["content"]
        answer = {"valid": not errors, "errors": errors, "warnings": warnings}
        return web.json_response({**answer, "merged_yaml": merged, "includes": []})

    async def _freeze_periods(self, request: web.Request) -> web.Response:
        return page(request, [])


def _which(request: web.Request) -> tuple[str, str | None]:
    body = request["body"] if isinstance(request["body"], dict) else {}
    nested = body.get("filter")
    scope = nested.get("environment_scope") if isinstance(nested, dict) else body.get(SCOPE)
    return request.match_info["key"], request.query.get(SCOPE, scope)
