"""GitLab's HTTP of branches and commits, and of what is between two of them.

https://docs.gitlab.com/api/branches/, https://docs.gitlab.com/api/commits/ and
https://docs.gitlab.com/api/repositories/
"""

from typing import Any

from aiohttp import web

from lab.git.repository import Commit
from lab.gitlab import entities
from lab.gitlab.pages import page
from lab.gitlab.project import Project
from lab.gitlab.repository import diffs, edits
from lab.gitlab.rules import boolean
from lab.server.http import Handler, beyond, parameters
from lab.server.refused import Refused


class CommitRoutes:
    """The routes of branches and commits; all of them work on the bare repository itself."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.repository = project.repository

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes below /projects/:id."""
        return [
            ("GET", "/repository/branches", self._branches),
            ("GET", "/repository/branches/{branch}", self._branch),
            ("GET", "/repository/commits", self._commits),
            ("POST", "/repository/commits", self._create),
            ("GET", "/repository/commits/{sha}", self._commit),
            ("GET", "/repository/commits/{sha}/diff", self._diff),
            ("GET", "/repository/compare", self._compare),
            ("GET", "/repository/merge_base", self._merge_base),
        ]

    async def _branches(self, request: web.Request) -> web.Response:
        search = request.query.get("search", "")
        names = [name for name in self.repository.heads() if search in name]
        return page(request, [await self._show_branch(name) for name in names])

    async def _branch(self, request: web.Request) -> web.Response:
        name = request.match_info["branch"]
        if name not in self.repository.heads():
            raise Refused(404, "404 Branch Not Found")
        return web.json_response(await self._show_branch(name))

    async def _commits(self, request: web.Request) -> web.Response:
        query = request.query
        beyond(request, "since", "until", "author", "all", "first_parent", "with_stats", "order")
        sha = await self.repository.resolve(query.get("ref_name") or "HEAD")
        if sha is None:
            raise Refused(404, "404 Commit Not Found")
        found = await self.repository.commits(sha, path=query.get("path", ""))
        return page(request, [self._show(commit) for commit in found], counted=False)

    async def _create(self, request: web.Request) -> web.Response:
        given = parameters(request)
        old, new = await edits.commit(self.repository, given)
        await self.project.pushed(given["branch"], old, new)
        return web.json_response(await self._details(await self.project.commit(new)), status=201)

    async def _commit(self, request: web.Request) -> web.Response:
        return web.json_response(await self._details(await self._find(request)))

    async def _diff(self, request: web.Request) -> web.Response:
        commit = await self._find(request)
        return page(
            request, await diffs.of_commit(self.repository, commit["id"], commit["parents"])
        )

    async def _compare(self, request: web.Request) -> web.Response:
        given = [request.query.get(name) for name in ("from", "to")]
        for name, ref in zip(("from", "to"), given, strict=True):
            if ref is None:
                raise Refused(400, f"{name} is missing", "error")
        old, new = [await self.repository.resolve(ref or "") for ref in given]
        if old is None or new is None:
            raise Refused(404, "404 Ref Not Found")
        commits = [self._show(c) for c in await self.repository.commits(f"{old}..{new}")][::-1]
        straight = boolean("straight", request.query.get("straight", False))
        base = old if straight else await self.repository.merge_base(old, new)
        return web.json_response(
            {
                "commit": commits[-1] if commits else None,
                "commits": commits,
                "diffs": await diffs.between(self.repository, base or old, new),
                "compare_timeout": False,
                "compare_same_ref": old == new,
                "web_url": f"{self.project.web_url}/-/compare/{old}...{new}",
            }
        )

    async def _merge_base(self, request: web.Request) -> web.Response:
        refs = request.query.getall("refs[]", request.query.getall("refs", []))
        if len(refs) < 2:
            raise Refused(400, "Provide at least 2 refs")
        shas = []
        for ref in refs:
            sha = await self.repository.resolve(ref)
            if sha is None:
                raise Refused(400, f"Could not find ref: {ref}")
            shas.append(sha)
        base = await self.repository.merge_base(*shas)
        if base is None:
            raise Refused(404, "404 Merge Base Not Found")
        return web.json_response(self._show(await self.project.commit(base)))

    async def _find(self, request: web.Request) -> Commit:
        sha = await self.repository.resolve(request.match_info["sha"])
        if sha is None:
            raise Refused(404, "404 Commit Not Found")
        return await self.project.commit(sha)

    async def _details(self, commit: Commit) -> dict[str, Any]:
        old = commit["parents"][0] if commit["parents"] else diffs.EMPTY_TREE
        pipelines = self.project.pipelines.pipelines.values()
        of = [pipeline for pipeline in pipelines if pipeline.sha == commit["id"]]
        last = max(of, key=lambda pipeline: pipeline.id, default=None)
        return {
            **self._show(commit),
            "stats": await diffs.stats(self.repository, old, commit["id"]),
            "status": None if last is None else last.status,
            "project_id": self.project.data.id,
            "last_pipeline": None if last is None else entities.pipeline(last, self.project),
        }

    async def _show_branch(self, name: str) -> dict[str, Any]:
        heads, default = self.repository.heads(), self.project.data.branch
        base = await self.repository.merge_base(heads[name], heads[default])
        protected = self.project.protection.covers(name)
        return {
            "name": name,
            "commit": self._show(await self.project.commit(heads[name])),
            "merged": name != default and base == heads[name],
            "protected": protected,
            "developers_can_push": not protected,
            "developers_can_merge": not protected,
            "can_push": name not in self.repository.refused(),
            "default": name == default,
            "web_url": f"{self.project.web_url}/-/tree/{name}",
        }

    def _show(self, commit: Commit) -> dict[str, Any]:
        return entities.commit(commit, self.project)
