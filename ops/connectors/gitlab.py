"""The connector `@gitlab`: the rest of the host's name is a path of GitLab's API.

`@gitlab/runners/17` is GET /runners/17, `@gitlab` is the installation itself (GET /version).
"""

import os
import threading
from collections.abc import Iterator
from typing import Any, TypedDict

import gitlab
import requests
from gitlab.config import ConfigError
from gitlab.exceptions import GitlabError
from pyinfra import logger
from pyinfra.connectors.base import DataMeta
from requests.adapters import HTTPAdapter
from typing_extensions import override

from ops.api.gitlab_runner import RUNNERS_QUERY, runner_from_graphql
from ops.api.request import Request, graphql
from ops.api.secret import Secret
from ops.connectors.http import HttpConnector, Response, shorten

CONNECTIONS = 6
READ_RETRIES = 4

HINTS = {
    401: "The token is wrong, expired or revoked: set GITLAB_TOKEN or python-gitlab.cfg.",
    403: "The token needs an administrator and the scope api (admin_mode too, if that is on).",
    404: "It does not exist, or this token may not see it.",
    429: "GitLab limits the rate of requests: try again later.",
    500: "GitLab failed by itself: see its log, then run again.",
}


class GitLabData(TypedDict):
    """Host data of `@gitlab`."""

    gitlab_path: str
    gitlab_url: str
    gitlab_token: Secret
    gitlab_ca_file: str
    gitlab_ssl_verify: bool
    gitlab_timeout: int


class GitLabApi:
    """One GitLab installation, shared by all hosts that are its resources."""

    def __init__(self, client: gitlab.Gitlab) -> None:
        # A few connections serve all hosts; more would only mean more TLS handshakes.
        client.session.mount("https://", HTTPAdapter(pool_maxsize=CONNECTIONS, pool_block=True))
        self.client = client
        self._lock = threading.Lock()
        self._runners: dict[int, dict[str, Any]] | None = None
        self._unreachable: OSError | None = None

    def send(self, request: Request, timeout: float | None) -> Response:
        """Send a request; raise TimeoutError or OSError where no answer came.

        Reads are repeated after a connection error or a 5xx answer, writes only after a 429.
        """
        client = self.client
        is_graphql = request.path.startswith("/api/")
        try:
            answer = client.http_request(
                request.method.lower(),
                f"{client.url}{request.path}" if is_graphql else request.path,
                query_data=request.query,
                post_data=request.payload,
                timeout=timeout,
                retry_transient_errors=not request.mutating,
                max_retries=READ_RETRIES,
            )
        except GitlabError as error:
            return Response(error.response_code or 0, "", _message(error.error_message))
        except requests.exceptions.SSLError as error:
            raise OSError(
                f"the certificate of {client.url} is not trusted: name the PEM file of its CA in"
                f" GITLAB_CA_FILE or gitlab_ca_file ({shorten(_reason(error))})"
            ) from None
        except requests.exceptions.Timeout:
            raise TimeoutError(
                f"{request.method} {request.path} -> no answer in {timeout or client.timeout} s"
            ) from None
        except requests.exceptions.RequestException as error:
            raise OSError(
                f"{request.method} {request.path} -> {client.url} cannot be reached"
                f" ({shorten(_reason(error))})"
            ) from None
        return _response(answer, is_graphql)

    def explain(self, response: Response) -> str:
        """Return GitLab's message and what to do about it."""
        hint = HINTS.get(500 if response.status >= 500 else response.status, "")
        return " ".join(part for part in (shorten(_message(response.body)), hint) if part)

    def runner(self, number: int) -> dict[str, Any] | None:
        """Return a runner out of one query for all of them, or None where it is not in there."""
        with self._lock:
            if self._unreachable is not None:
                raise self._unreachable  # Twelve hosts need not find out one after the other.
            if self._runners is None:
                try:
                    self._runners = self._read_runners()
                except OSError as error:
                    self._unreachable = error
                    raise
        return self._runners.get(number)

    def _read_runners(self) -> dict[int, dict[str, Any]]:
        runners: dict[int, dict[str, Any]] = {}
        after: str | None = None
        while True:
            response = self.send(graphql(RUNNERS_QUERY, after=after), None)
            if not response.ok:
                return {}  # Each host then reads its own runner and reports its own error.
            page = response.body["data"]["runners"]
            runners |= {runner["id"]: runner for runner in map(runner_from_graphql, page["nodes"])}
            if not page["pageInfo"]["hasNextPage"]:
                return runners
            after = page["pageInfo"]["endCursor"]


class GitLabConnector(HttpConnector):
    """Send requests to a GitLab installation, with paths relative to its API's root.

    Settings come from the host's data, else from GITLAB_URL, GITLAB_TOKEN and GITLAB_CA_FILE, else
    from python-gitlab's configuration file (`helper:` included).
    """

    data_cls = GitLabData
    data_meta = {
        "gitlab_path": DataMeta("Path of the resource below the API's root", "/version"),
        "gitlab_url": DataMeta("URL of the installation, without /api/v4"),
        "gitlab_token": DataMeta("Personal access token of an administrator, scope api"),
        "gitlab_ca_file": DataMeta("PEM file of the CA that signed the certificate"),
        "gitlab_ssl_verify": DataMeta("False: accept any certificate, with a warning", True),
        "gitlab_timeout": DataMeta("Seconds to wait for an answer", 30),
    }
    data: GitLabData

    @override
    @staticmethod
    def make_names_data(name: str | None) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        if name:
            yield f"@gitlab/{name}", {"gitlab_path": f"/{name}"}, ["@gitlab"]
        else:
            yield "@gitlab", {"gitlab_path": "/version"}, ["@gitlab"]

    @override
    def open_api(self) -> GitLabApi:
        return _open_api(self.data)

    @override
    def resource_path(self) -> str:
        return self.data["gitlab_path"]

    @override
    def first_read(self, request: Request) -> Response:
        collection, _, number = request.path.strip("/").partition("/")
        if collection == "runners" and number.isdigit():
            runner = _open_api(self.data).runner(int(number))
            if runner is not None:
                return Response(200, "OK", runner)
        return super().first_read(request)


_apis: dict[tuple[Any, ...], GitLabApi] = {}
_apis_lock = threading.Lock()


def _open_api(data: GitLabData) -> GitLabApi:
    url = data["gitlab_url"] or os.environ.get("GITLAB_URL")
    token = data["gitlab_token"] or Secret(os.environ.get("GITLAB_TOKEN", ""))
    verify: bool | str = data["gitlab_ca_file"] or os.environ.get("GITLAB_CA_FILE") or True
    if not data["gitlab_ssl_verify"]:
        verify = False
    key = (url, token, verify, data["gitlab_timeout"])
    with _apis_lock:
        if key not in _apis:
            _apis[key] = GitLabApi(_client(url, token, verify, data["gitlab_timeout"]))
    return _apis[key]


def _client(url: str | None, token: Secret, verify: bool | str, timeout: int) -> gitlab.Gitlab:
    if isinstance(verify, str) and not os.path.exists(verify):
        raise ValueError(f"the CA file {verify} does not exist: correct GITLAB_CA_FILE")
    if verify is False:
        logger.warning("gitlab_ssl_verify is off: anyone on the way can read the token")
    if url and token.unmask():
        return gitlab.Gitlab(
            url,
            private_token=token.unmask(),
            ssl_verify=verify,
            timeout=timeout,
            keep_base_url=True,
        )
    try:
        client = gitlab.Gitlab.from_config()
    except ConfigError as error:
        raise ValueError(
            f"no token for GitLab: set GITLAB_URL and GITLAB_TOKEN ({error})"
        ) from None
    if url and client.url != url.rstrip("/"):
        raise ValueError(f"no token for {url}: python-gitlab.cfg is about {client.url}")
    client.timeout = client.timeout or timeout
    if isinstance(verify, str):
        client.ssl_verify = verify
    return client


def _response(answer: requests.Response, is_graphql: bool) -> Response:
    try:
        body = answer.json() if answer.content else None
    except ValueError:
        body = answer.text
    # GraphQL answers 200 also where it refuses; the errors are in the document.
    if is_graphql and isinstance(body, dict) and body.get("errors"):
        return Response(422, "GraphQL error", body["errors"][0])
    return Response(answer.status_code, answer.reason, body)


def _message(body: Any) -> str:
    if isinstance(body, bytes):
        return body.decode(errors="replace")
    if isinstance(body, dict):
        return str(body.get("message") or body.get("error") or body)
    return "" if body is None else str(body)


def _reason(error: requests.exceptions.RequestException) -> str:
    reason = error.args[0] if error.args else error
    return str(getattr(reason, "reason", reason))
