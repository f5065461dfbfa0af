"""GitLab's HTTP of what other clients look at: runners of a project, protection, tokens.

https://docs.gitlab.com/api/runners/, https://docs.gitlab.com/api/protected_branches/,
https://docs.gitlab.com/api/personal_access_tokens/
"""

import time
from typing import Any

from aiohttp import web

from lab.gitlab import entities
from lab.gitlab.pages import page
from lab.gitlab.pipelines.jobs import iso
from lab.gitlab.project import Project
from lab.server.http import Handler, parameters

DAY = 86_400


class OtherRoutes:
    """Routes that only read, but for those of protected branches."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes below /projects/:id."""
        return [
            ("GET", "/runners", self.runners),
            ("GET", "/protected_branches", self._protected_branches),
            ("POST", "/protected_branches", self._protect),
            ("GET", "/protected_branches/{branch}", self._protected_branch),
            ("DELETE", "/protected_branches/{branch}", self._unprotect),
            ("GET", "/pipelines/{pipeline:\\d+}/bridges", self._bridges),
        ]

    async def runners(self, request: web.Request) -> web.Response:
        """Answer with the runners that the caller, or the project, may use: here all of them."""
        runners = [r for _, r in sorted(self.project.gitlab.runners.items())]
        selected = [r for r in runners if is_selected(r, request.query)]
        return page(request, [entities.runner(runner) for runner in selected])

    async def token(self, request: web.Request) -> web.Response:
        """Answer with the token that the request came with."""
        now = time.time()
        return web.json_response(
            {
                "id": 1,
                "name": "operations",
                "revoked": False,
                "created_at": iso(now - 30 * DAY),
                "scopes": ["api", "admin_mode"],
                "user_id": 1,
                "last_used_at": iso(now),
                "active": True,
                "expires_at": time.strftime("%Y-%m-%d", time.gmtime(now + 90 * DAY)),
            }
        )

    async def _protected_branches(self, request: web.Request) -> web.Response:
        return page(request, self.project.protection.all(request.query.get("search", "")))

    async def _protected_branch(self, request: web.Request) -> web.Response:
        return web.json_response(self.project.protection.get(request.match_info["branch"]))

    async def _protect(self, request: web.Request) -> web.Response:
        name = str(parameters(request).get("name") or "")
        return web.json_response(self.project.protection.add(name), status=201)

    async def _unprotect(self, request: web.Request) -> web.Response:
        self.project.protection.remove(request.match_info["branch"])
        return web.Response(status=204)

    async def _bridges(self, request: web.Request) -> web.Response:
        # The lab has no job that triggers another pipeline.
        self.project.pipelines.get(int(request.match_info["pipeline"]))
        return page(request, [], counted=True)


def is_selected(runner: dict[str, Any], query: Any) -> bool:
    """Return whether a runner is one of those that a query asks for."""
    if "paused" in query and runner["paused"] != (query["paused"] == "true"):
        return False
    if "type" in query and runner["runner_type"] != query["type"]:
        return False
    if "status" in query and runner["status"] != query["status"]:
        return False
    wanted = [tag for tag in query.get("tag_list", "").split(",") if tag]
    return set(wanted) <= set(runner["tag_list"])
