"""GitLab's API through python-gitlab: sessions, errors, and the runners in one query."""

import threading
from typing import Any

import gitlab
import requests
from gitlab.exceptions import GitlabError
from requests.adapters import HTTPAdapter

from ops.gitlab.client import pages
from ops.gitlab.runner_query import RUNNERS_QUERY, runners_of
from ops.http import body, redirect
from ops.http.request import Request, graphql
from ops.http.response import AnswerLost, Response, retry_after, shorten
from ops.http.retry import Sender
from ops.http.tls import is_certificate_refused, is_cut

CONNECTIONS = 6
TIMEOUT = 30

HINTS = {
    401: "The token is wrong, expired or revoked: set GITLAB_TOKEN or python-gitlab.cfg.",
    403: "The token needs an administrator and the scope api (admin_mode too, if that is on).",
    404: "It does not exist, or this token may not see it.",
    429: "GitLab limits the rate of requests: try again later.",
    500: "GitLab failed by itself: see its log, then run again.",
}


class GitLabApi:
    """One GitLab installation, shared by all hosts that are its resources."""

    def __init__(self, client: gitlab.Gitlab, deadline: float) -> None:
        # A few connections serve all hosts; more would only mean more TLS handshakes.
        client.session.mount("https://", HTTPAdapter(pool_maxsize=CONNECTIONS, pool_block=True))
        client.session.hooks["response"].append(_read)
        self.client = client
        silence = client.timeout or TIMEOUT
        self._sender = Sender(self._send_once, pages.entries, silence, deadline)
        self._lock = threading.Lock()
        self._runners: dict[int, dict[str, Any]] | None = None
        self._unreachable: OSError | None = None

    def send(self, request: Request, timeout: float | None) -> Response:
        """Send a request, again where that is safe; raise OSError where no answer came in time."""
        return self._sender.send(request, timeout)

    def _send_once(self, request: Request, timeout: float) -> Response:
        client = self.client
        is_graphql = request.path.startswith("/api/")
        try:
            answer = client.http_request(
                request.method.lower(),
                f"{client.url}{request.path}" if is_graphql else request.path,
                query_data=pages.query(request),
                post_data=request.payload,
                timeout=timeout,
                obey_rate_limit=False,  # Its waits have no limit; ours do.
                retry_transient_errors=False,
            )
        except _RateLimited as error:
            return Response(429, "Too Many Requests", "", error.seconds)
        except _Redirected as error:
            answer, location = error.answer, error.answer.headers.get("Location")
            raise redirect.refused(request, answer.status_code, answer.url, location) from None
        except body.TooLarge:
            raise body.too_large(request) from None
        except GitlabError as error:
            return Response(error.response_code or 0, "", _message(error.error_message))
        except requests.exceptions.SSLError as error:
            raise self._without_tls(request, error) from None
        except requests.exceptions.ReadTimeout:
            what = f"{request.method} {request.path}"
            raise AnswerLost(f"{what} -> no answer in {timeout:.0f} s") from None
        except requests.exceptions.RequestException as error:
            # It may have been received before the connection broke.
            raise AnswerLost(
                f"{request.method} {request.path} -> no answer from {client.url}"
                f" ({shorten(_reason(error))})"
            ) from None
        return _response(request, answer, is_graphql)

    def _without_tls(self, request: Request, error: requests.exceptions.SSLError) -> OSError:
        url, reason = self.client.url, shorten(_reason(error))
        if is_certificate_refused(error):
            return OSError(
                f"the certificate of {url} is not trusted: name the PEM file of its CA in"
                f" GITLAB_CA_FILE or gitlab_ca_file ({reason})"
            )
        text = f"{request.method} {request.path} -> no TLS connection to {url} ({reason})"
        return AnswerLost(text) if is_cut(error) else OSError(text)

    def explain(self, response: Response) -> str:
        """Return GitLab's message and what to do about it."""
        hint = HINTS.get(500 if response.status >= 500 else response.status, "")
        message = shorten(_message(response.body)).rstrip(".")
        return ". ".join(part for part in (message, hint) if part)

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
        response = self.send(graphql(RUNNERS_QUERY), None)
        try:
            return runners_of(response.body if response.ok else None)
        except ValueError:
            return {}  # Each host then reads its own runner and reports its own error.


class _Redirected(Exception):
    """GitLab, or what stands before it, answered with a redirect."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.answer = answer


class _RateLimited(Exception):
    """GitLab answered 429; python-gitlab's own error does not tell how long to wait."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__()
        self.seconds = seconds


def _read(answer: requests.Response, **_: Any) -> None:
    """Read the body as far as may be, before requests reads all of it.

    Raises before requests follows a redirect, or python-gitlab reads a refusal of the rate.
    """
    try:
        if answer.status_code in redirect.STATUSES:
            raise _Redirected(answer)
        if answer.status_code == 429:
            raise _RateLimited(retry_after(answer.headers))
        answer._content = body.whole(answer.headers, answer.iter_content(body.CHUNK))
    except Exception:
        answer.close()  # Otherwise its connection would never be free again.
        raise


# Logs, and files among the artifacts of jobs.
TEXT = ("text/plain", "application/octet-stream")


def _response(request: Request, answer: requests.Response, is_graphql: bool) -> Response:
    if answer.headers.get("Content-Type", "").startswith(TEXT):  # A log may look like JSON.
        document = answer.text or None
    else:
        try:
            document = answer.json() if answer.content else None
        except ValueError:
            raise OSError(
                f"{answer.request.method} {answer.request.path_url} -> {answer.status_code}, but"
                " not JSON: a page for login or maintenance instead of the API?"
            ) from None
    # GraphQL answers 200 also where it refuses; the errors are in the document.
    if is_graphql and isinstance(document, dict) and document.get("errors"):
        return Response(422, "GraphQL error", document["errors"][0])
    following = pages.following(request, answer, document)
    return Response(
        answer.status_code, answer.reason, document, following=following,
        is_numbered=pages.is_numbered(following),
    )  # fmt: skip


def _message(document: Any) -> str:
    if isinstance(document, bytes):
        return document.decode(errors="replace")
    if isinstance(document, dict):
        return str(document.get("message") or document.get("error") or document)
    return "" if document is None else str(document)


def _reason(error: requests.exceptions.RequestException) -> str:
    reason = error.args[0] if error.args else error
    return str(getattr(reason, "reason", reason))
