"""GitHub, as far as the project's second remote goes: git over HTTPS and nothing else."""

from lab.git.routes import BODIES, GitHttp
from lab.git.state import Remotes
from lab.server.faults import Faults
from lab.server.http import Api
from lab.server.request_log import RequestLog

DECLINED = b"push declined due to repository rule violations"


class GitHub(Api):
    """A server with one repository; its push protection refuses where `github_refuses` says so."""

    bodies = BODIES

    def __init__(self, remotes: Remotes, token: str, log: RequestLog, faults: Faults) -> None:
        super().__init__("github", log, faults)
        self.add_routes(GitHttp("github", remotes, token, "GitHub", DECLINED).routes())
