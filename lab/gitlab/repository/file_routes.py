"""GitLab's HTTP of files (https://docs.gitlab.com/api/repository_files/) and of the tree."""

import base64
from typing import Any

from aiohttp import web

from lab.git.process import GitFailed
from lab.git.repository import File
from lab.gitlab.pages import page
from lab.gitlab.project import Project
from lab.gitlab.repository import edits
from lab.gitlab.rules import boolean
from lab.server.http import Handler, parameters
from lab.server.refused import Refused


class FileRoutes:
    """The routes of files; all of them work on the bare repository itself."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes below /projects/:id."""
        file = "/repository/files/{path}"
        return [
            ("GET", f"{file}/raw", self._raw),
            ("HEAD", file, self._head),
            ("GET", file, self._get),
            ("PUT", file, self._update),
            ("GET", "/repository/tree", self._tree),
        ]

    async def _get(self, request: web.Request) -> web.Response:
        file = await self._file(request, request.query.get("ref"))
        content = base64.b64encode(file.content).decode()
        return web.json_response({**_fields(file, request.query["ref"]), "content": content})

    async def _head(self, request: web.Request) -> web.Response:
        file = await self._file(request, request.query.get("ref"))
        headers = {
            f"X-Gitlab-{name.replace('_', '-').title()}": str(value).lower()
            if isinstance(value, bool)
            else str(value)
            for name, value in _fields(file, request.query["ref"]).items()
        }
        return web.Response(headers=headers)

    async def _raw(self, request: web.Request) -> web.Response:
        file = await self._file(request, request.query.get("ref", "HEAD"))
        return web.Response(body=file.content, content_type="text/plain", charset="utf-8")

    async def _update(self, request: web.Request) -> web.Response:
        given, path = parameters(request), request.match_info["path"]
        old, new = await edits.update_file(self.project.repository, path, given)
        await self.project.pushed(given["branch"], old, new)
        return web.json_response({"file_path": path, "branch": given["branch"]})

    async def _file(self, request: web.Request, ref: str | None) -> File:
        if ref is None:
            raise Refused(400, "ref is missing, ref is empty", "error")
        repository = self.project.repository
        sha = await repository.resolve(ref)
        if sha is None:
            raise Refused(404, "404 Commit Not Found")
        file = await repository.file(sha, request.match_info["path"])
        if file is None:
            raise Refused(404, "404 File Not Found")
        return file

    async def _tree(self, request: web.Request) -> web.Response:
        query, repository = request.query, self.project.repository
        sha = await repository.resolve(query.get("ref", "HEAD"))
        if sha is None:
            raise Refused(404, "404 Tree Not Found")
        path = query.get("path", "")
        try:
            rows = await repository.tree(
                sha, path, boolean("recursive", query.get("recursive", False))
            )
        except GitFailed:
            rows = []
        if path and not rows:
            raise Refused(404, "404 invalid revision or path Not Found")
        names = ("mode", "type", "id", "path")
        entries: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
        for entry in entries:
            entry["name"] = entry["path"].rpartition("/")[2]
        return page(request, entries)


def _fields(file: File, ref: str) -> dict[str, Any]:
    return {
        "file_name": file.path.rpartition("/")[2],
        "file_path": file.path,
        "size": len(file.content),
        "encoding": "base64",
        "content_sha256": file.digest,
        "ref": ref,
        "blob_id": file.blob,
        "commit_id": file.commit,
        "last_commit_id": file.last_commit,
        "execute_filemode": file.mode == "100755",
    }
