"""Git's smart HTTP protocol, served by git itself (gitprotocol-http)."""

import base64
import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from lab.git import pkt_line
from lab.git.process import GitFailed, git
from lab.git.repository import HEADS
from lab.git.state import Remotes
from lab.server.http import Handler

SERVICES = ("git-upload-pack", "git-receive-pack")
HOOK_DECLINED = b"pre-receive hook declined"
# What the request log keeps of what git sends.
BODIES = {"application/x-git-": pkt_line.logged}
# branch, old SHA, new SHA
Pushed = Callable[[str, str, str], Awaitable[None]]


async def nobody(branch: str, old: str, new: str) -> None:
    """Do nothing after a push."""


class GitHttp:
    """Serve one of the remotes to whoever knows the token as a password.

    + name: gitlab or github
    + declined: what the report of a push says where the hook has refused it
    + pushed: told of each branch that a push has moved
    + root: path below which the server is
    """

    def __init__(
        self,
        name: str,
        remotes: Remotes,
        token: str,
        realm: str,
        declined: bytes = HOOK_DECLINED,
        pushed: Pushed = nobody,
        root: str = "",
    ) -> None:
        self.repository = remotes.repositories[name]
        self.token = token
        self.realm = realm
        self.declined = declined
        self.pushed = pushed
        self._path = f"{root}/{remotes.beginning.paths[name]}"

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes of the repository."""
        return [
            ("GET", f"{self._path}/info/refs", self._advertise),
            *(("POST", f"{self._path}/{service}", self._serve) for service in SERVICES),
        ]

    async def _advertise(self, request: web.Request) -> web.Response:
        service = request.query.get("service", "")
        self._check(request)
        if service not in SERVICES:
            raise web.HTTPForbidden(text="Unsupported service\n")
        output = await self._git(request, service, "--advertise-refs")
        if "version=2" not in request.headers.get("Git-Protocol", "") or service != SERVICES[0]:
            title = pkt_line.packet(f"# service={service}\n".encode())
            output = title + pkt_line.FLUSH + output
        return _response(output, f"application/x-{service}-advertisement")

    async def _serve(self, request: web.Request) -> web.Response:
        self._check(request)
        service = request.path.rpartition("/")[2]
        body = await request.read()
        output = await self._git(request, service, stdin=body)
        if service == "git-receive-pack":
            if self.declined != HOOK_DECLINED:
                output = pkt_line.reword(output, HOOK_DECLINED, self.declined)
            await self._tell(body)
        return _response(output, f"application/x-{service}-result")

    async def _git(
        self, request: web.Request, service: str, *options: str, stdin: bytes = b""
    ) -> bytes:
        protocol = {"GIT_PROTOCOL": request.headers.get("Git-Protocol", "")}
        command = (service.removeprefix("git-"), "--stateless-rpc", *options)
        try:
            return await git(
                *command, str(self.repository.directory), stdin=stdin, environment=protocol
            )
        except GitFailed as error:
            raise web.HTTPInternalServerError(text=f"{error}\n") from None

    async def _tell(self, body: bytes) -> None:
        heads = self.repository.heads()
        for update in pkt_line.updates(body):
            branch = update["ref"].removeprefix(HEADS)
            if update["ref"].startswith(HEADS) and heads.get(branch) == update["new"]:
                await self.pushed(branch, update["old"], update["new"])

    def _check(self, request: web.Request) -> None:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            _, _, password = base64.b64decode(encoded).decode().partition(":")
        except ValueError:
            password = ""
        right = hmac.compare_digest(password.encode(), self.token.encode())
        if scheme.lower() != "basic" or not right:
            raise web.HTTPUnauthorized(
                text="HTTP Basic: Access denied\n",
                headers={"WWW-Authenticate": f'Basic realm="{self.realm}"'},
            )


def _response(body: bytes, content_type: str) -> web.Response:
    return web.Response(body=body, content_type=content_type, headers={"Cache-Control": "no-cache"})
