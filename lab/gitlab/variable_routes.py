"""GitLab's HTTP of CI/CD variables, of the project and of what is above it.

https://docs.gitlab.com/api/project_level_variables/, https://docs.gitlab.com/api/group_level_variables/
and https://docs.gitlab.com/api/instance_level_ci_variables/
"""

from collections.abc import Callable

from aiohttp import web

from lab.gitlab.job_variables import Levels
from lab.gitlab.pages import page
from lab.gitlab.variables import Variables
from lab.server.http import Handler, parameters
from lab.server.refused import Refused

SCOPE = "filter[environment_scope]"
Route = tuple[str, str, Handler]


class VariableRoutes:
    """The routes of variables; each level has the same ones."""

    def __init__(self, levels: Levels) -> None:
        self.levels = levels

    def of_project(self) -> list[Route]:
        """Return the routes below /projects/:id."""
        return _routes("/variables", lambda request: self.levels.project)

    def above(self) -> list[Route]:
        """Return the routes of groups and of the instance."""
        return [
            *_routes("/groups/{id}/variables", self._group),
            *_routes("/admin/ci/variables", lambda request: self.levels.instance),
        ]

    def _group(self, request: web.Request) -> Variables:
        found = self.levels.groups.get(request.match_info["id"])
        if found is None:
            raise Refused(404, "404 Group Not Found")
        return found


def _routes(path: str, level: Callable[[web.Request], Variables]) -> list[Route]:
    async def all_of(request: web.Request) -> web.Response:
        return page(request, level(request).all())

    async def create(request: web.Request) -> web.Response:
        return web.json_response(level(request).create(parameters(request)), status=201)

    async def get(request: web.Request) -> web.Response:
        return web.json_response(level(request).get(*_which(request)))

    async def update(request: web.Request) -> web.Response:
        return web.json_response(level(request).update(*_which(request), parameters(request)))

    async def delete(request: web.Request) -> web.Response:
        level(request).delete(*_which(request))
        return web.Response(status=204)

    one = f"{path}/{{key}}"
    return [
        ("GET", path, all_of), ("POST", path, create), ("GET", one, get), ("PUT", one, update),
        ("DELETE", one, delete),
    ]  # fmt: skip


def _which(request: web.Request) -> tuple[str, str | None]:
    body = request["body"] if isinstance(request["body"], dict) else {}
    nested = body.get("filter")
    scope = nested.get("environment_scope") if isinstance(nested, dict) else body.get(SCOPE)
    return request.match_info["key"], request.query.get(SCOPE, scope)
