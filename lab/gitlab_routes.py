"""GitLab's HTTP: routes, authentication, pages and error bodies."""

import hmac
from typing import Any

from aiohttp import web

from lab.faults import Faults
from lab.gitlab import GitLab
from lab.gitlab_rules import Refused
from lab.graphql import Schema
from lab.http import Api, Handler
from lab.request_log import RequestLog

LIST_FIELDS = (
    "id", "description", "ip_address", "active", "paused", "is_shared", "runner_type", "name",
    "online", "status",
)  # fmt: skip


class GitLabApi(Api):
    """Answer as GitLab's REST API v4 and GraphQL do."""

    def __init__(self, gitlab: GitLab, token: str, log: RequestLog, faults: Faults) -> None:
        super().__init__("gitlab", log, faults)
        self.gitlab = gitlab
        self.token = token
        self.graphql = Schema(gitlab)
        v4 = "/api/v4"
        self.add_routes(
            [
                ("GET", f"{v4}/version", self._guard(self._version)),
                ("GET", f"{v4}/metadata", self._guard(self._version)),
                ("GET", f"{v4}/user", self._guard(self._user)),
                ("GET", f"{v4}/runners/all", self._guard(self._runners)),
                ("GET", f"{v4}/runners/{{id:\\d+}}", self._guard(self._runner)),
                ("PUT", f"{v4}/runners/{{id:\\d+}}", self._guard(self._update_runner)),
                ("GET", f"{v4}/projects/{{id}}", self._guard(self._project)),
                (
                    "GET",
                    f"{v4}/admin/batched_background_migrations",
                    self._guard(self._background_migrations),
                ),
                ("POST", "/api/graphql", self._guard(self._graphql)),
            ]
        )

    def is_mutating(self, request: web.Request, body: Any) -> bool:
        """A GraphQL query is a POST that changes nothing."""
        if request.path == "/api/graphql":
            return self.graphql.is_mutation(body)
        return super().is_mutating(request, body)

    def _guard(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
            token = request.headers.get("PRIVATE-TOKEN") or bearer
            if not hmac.compare_digest(token.encode(), self.token.encode()):
                return web.json_response({"message": "401 Unauthorized"}, status=401)
            try:
                return await handler(request)
            except Refused as refused:
                return web.json_response(refused.body, status=refused.status)

        return guarded

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"version": self.gitlab.version, "revision": "0a1b2c3d4e5", "enterprise": False}
        )

    async def _user(self, request: web.Request) -> web.Response:
        return web.json_response({"id": 1, "username": "root", "name": "root", "is_admin": True})

    async def _runners(self, request: web.Request) -> web.Response:
        runners = [r for _, r in sorted(self.gitlab.runners.items()) if _selected(r, request.query)]
        page = int(request.query.get("page", 1))
        size = min(int(request.query.get("per_page", 20)), 100)
        part = runners[(page - 1) * size : page * size]
        return web.json_response(
            [{name: runner[name] for name in LIST_FIELDS} for runner in part],
            headers=_page_headers(request, page, size, len(runners)),
        )

    async def _runner(self, request: web.Request) -> web.Response:
        runner = self.gitlab.runner(int(request.match_info["id"]))
        # The order of tags means nothing, so the lab never answers in the one they were set in.
        return web.json_response({**runner, "tag_list": runner["tag_list"][::-1]})

    async def _update_runner(self, request: web.Request) -> web.Response:
        body = request["body"] if isinstance(request["body"], dict) else {}
        return web.json_response(
            self.gitlab.update_runner(int(request.match_info["id"]), {**request.query, **body})
        )

    async def _project(self, request: web.Request) -> web.Response:
        path = "comdare/research/dedup-database-analysis"
        if request.match_info["id"] not in ("280", path):
            raise Refused(404, "404 Project Not Found")
        return web.json_response(
            {"id": 280, "path_with_namespace": path, "default_branch": "development"}
        )

    async def _background_migrations(self, request: web.Request) -> web.Response:
        database = request.query.get("database", "main")
        if database == "ci" and not self.gitlab.decomposed:
            raise Refused(404, "404 Not Found")
        job = request.query.get("job_class_name")
        rows = [row for row in self.gitlab.background if job in (None, row["job_class_name"])]
        return web.json_response(rows)

    async def _graphql(self, request: web.Request) -> web.Response:
        return web.json_response(await self.graphql.execute(request["body"]))


def _selected(runner: dict[str, Any], query: Any) -> bool:
    if "paused" in query and runner["paused"] != (query["paused"] == "true"):
        return False
    if "type" in query and runner["runner_type"] != query["type"]:
        return False
    if "status" in query and runner["status"] != query["status"]:
        return False
    wanted = [tag for tag in query.get("tag_list", "").split(",") if tag]
    return set(wanted) <= set(runner["tag_list"])


def _page_headers(request: web.Request, page: int, size: int, total: int) -> dict[str, str]:
    pages = max(1, -(-total // size))
    numbers = {"first": 1, "last": pages}
    numbers |= {"prev": page - 1} if page > 1 else {}
    numbers |= {"next": page + 1} if page < pages else {}
    links = [
        f'<{request.url.update_query(page=number, per_page=size)}>; rel="{name}"'
        for name, number in numbers.items()
    ]
    return {
        "Link": ", ".join(links),
        "X-Page": str(page),
        "X-Per-Page": str(size),
        "X-Next-Page": str(numbers.get("next", "")),
        "X-Prev-Page": str(numbers.get("prev", "")),
        "X-Total": str(total),
        "X-Total-Pages": str(pages),
    }
