"""GitLab's HTTP: the table of routes, authentication, and what is no part of the project."""

import hmac
import re
from typing import Any

from aiohttp import web

from lab.git.routes import BODIES, GitHttp
from lab.gitlab.ci.routes import CiRoutes
from lab.gitlab.graphql import Schema
from lab.gitlab.other_routes import OtherRoutes
from lab.gitlab.pipelines.routes import PipelineRoutes
from lab.gitlab.project import Project
from lab.gitlab.repository.commit_routes import CommitRoutes
from lab.gitlab.repository.file_routes import FileRoutes
from lab.gitlab.state import GitLab
from lab.gitlab.variable_routes import VariableRoutes
from lab.server.faults import Faults
from lab.server.http import Api, Handler
from lab.server.refused import Refused
from lab.server.request_log import RequestLog

V4 = "/api/v4"
VARIABLES = re.compile(r"/(projects/.+|groups/.+|admin/ci)/variables(/|$)")
MASKED = "[MASKED]"


class GitLabApi(Api):
    """Answer as GitLab's REST API v4 and GraphQL do."""

    bodies = BODIES

    def __init__(
        self, gitlab: GitLab, project: Project, token: str, log: RequestLog, faults: Faults
    ) -> None:
        super().__init__("gitlab", log, faults)
        self.gitlab = gitlab
        self.project = project
        self.token = token
        self.graphql = Schema(gitlab)
        pipelines, others = PipelineRoutes(project), OtherRoutes(project)
        variables = VariableRoutes(project.levels)
        below = [
            *pipelines.routes(),
            *FileRoutes(project).routes(),
            *CommitRoutes(project).routes(),
            *CiRoutes(project).routes(),
            *variables.of_project(),
            *project.schedules.routes(),
            *project.freeze_periods.routes(),
            *others.routes(),
        ]
        root = gitlab.installation.root
        routes = [
            ("GET", f"{V4}/version", self._version),
            ("GET", f"{V4}/metadata", self._version),
            ("GET", f"{V4}/user", self._user),
            ("GET", f"{V4}/runners", others.runners),
            ("GET", f"{V4}/runners/all", others.runners),
            ("GET", f"{V4}/personal_access_tokens/self", others.token),
            ("GET", f"{V4}/runners/{{id:\\d+}}", self._runner),
            ("PUT", f"{V4}/runners/{{id:\\d+}}", self._update_runner),
            ("GET", f"{V4}/runners/{{id:\\d+}}/jobs", pipelines.of_runner),
            ("GET", f"{V4}/projects/{{id}}", self._project),
            ("GET", f"{V4}/admin/batched_background_migrations", self._background_migrations),
            ("POST", "/api/graphql", self._graphql),
            *((verb, f"{V4}{path}", handler) for verb, path, handler in variables.above()),
            *(
                (verb, f"{V4}/projects/{{id}}{path}", self._of_project(handler))
                for verb, path, handler in below
            ),
        ]
        guarded = [(verb, root + path, self._guard(handler)) for verb, path, handler in routes]
        git = GitHttp("gitlab", project.remotes, token, "GitLab", pushed=project.pushed, root=root)
        self.add_routes([*guarded, *git.routes()])

    def is_mutating(self, request: web.Request, body: Any) -> bool:
        """A GraphQL query is a POST that changes nothing."""
        if request.path.endswith("/ci/lint"):
            return False
        if request.path.endswith("/api/graphql"):
            return self.graphql.is_mutation(body)
        return super().is_mutating(request, body)

    def logged(self, request: web.Request, what: Any) -> Any:
        """The value of a CI/CD variable is a secret."""
        if not VARIABLES.search(request.path) or what is None:
            return what
        if not isinstance(what, dict):
            return MASKED
        return {**what, "value": MASKED} if "value" in what else what

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
        self._check_project(request)
        data = self.project.data
        return web.json_response(
            {
                "id": data.id,
                "name": data.path.rpartition("/")[2],
                "path_with_namespace": data.path,
                "namespace": {"kind": "group", "full_path": data.path.rpartition("/")[0]},
                "default_branch": data.branch,
                "ci_config_path": data.ci_file,
                "http_url_to_repo": f"{self.project.web_url}.git",
                "web_url": self.project.web_url,
            }
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

    def _of_project(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            self._check_project(request)
            return await handler(request)

        return checked

    def _check_project(self, request: web.Request) -> None:
        data = self.project.data
        if request.match_info["id"] not in (str(data.id), data.path):
            raise Refused(404, "404 Project Not Found")
