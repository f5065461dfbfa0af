"""One Kubernetes cluster: configuration, tunnel and client, shared by all hosts that live in it."""

import json
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import urllib3
from pyinfra import logger

from ops.api.shown import never_show
from ops.api.visible import visible
from ops.http import body, redirect
from ops.http.request import APPLY_PATCH, Request, get
from ops.http.response import AnswerLost, Misconfigured, Response, retry_after, shorten
from ops.http.retry import Sender
from ops.http.tls import is_certificate_refused, is_cut
from ops.kubernetes.kubeconfig import (
    ClusterData,
    cluster_data_meta,
    copy_for_connections,
    go_through,
    new_tunnel,
    read_configuration,
)
from ops.kubernetes.said import warnings, without_objects
from ops.kubernetes.served import Served, is_no_page

if TYPE_CHECKING:
    from kubernetes.client import ApiClient, Configuration

PAGE = 500  # as kubectl
EXPIRED = 410  # `continue` is of a state that the cluster has forgotten

HINTS = {
    401: "The credentials of the kubeconfig are wrong or expired.",
    403: "The kubeconfig's user needs the RBAC verb for this.",
    404: "It does not exist in this cluster.",
    409: "Somebody changed it at the same time: run again.",
}


class Cluster:
    """The API of one cluster, directly or through an SSH tunnel; its certificate is checked."""

    def __init__(self, data: ClusterData) -> None:
        silence, deadline = data["kubernetes_timeout"], data["kubernetes_deadline"]
        self._sender = Sender(self._send_once, lambda page: page["items"], silence, deadline)
        self.tunnel = new_tunnel(data) if data["kubernetes_via"] else None
        # Renewing an expired token rewrites all of the configuration that it belongs to, the
        # server's address included, so the one for the connections is another object.
        self._credentials = read_configuration(data, self.tunnel)
        self.configuration = copy_for_connections(self._credentials)
        if self.tunnel is not None:
            go_through(self.tunnel, self.configuration)
        self._client = _new_client(self.configuration)
        self.served = Served(lambda request: self._sender.send(request, None))
        self._warned: set[str] = set()

    def send(self, request: Request, timeout: float | None) -> Response:
        """Send a request, again where that is safe; raise OSError where no answer came in time."""
        response = self._sender.send(request, timeout)
        if response.status == EXPIRED and request.all_pages:
            # As kubectl does: what a list was at its beginning is not known any more.
            response = self._sender.send(get(request.path, **request.query), timeout)
        if is_no_page(response) and request.path.startswith("/apis/"):
            said = message_of(response.body).strip()
            return replace(response, body=f"{said}. {self.served.explain(request.path)}")
        return response

    def _send_once(self, request: Request, timeout: float) -> Response:
        from kubernetes.client.exceptions import ApiException

        parameters = ({"limit": PAGE} if request.all_pages else {}) | request.query
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        try:
            answer = self._client.call_api(
                request.method,
                f"{self.configuration.host}{request.path}{query}",
                header_params=self.headers() | {"Content-Type": request.content_type},
                body=_encoded(request),
                _request_timeout=timeout,
            )
            data = body.whole(answer.headers, answer.response.stream(body.CHUNK, True))
        except body.TooLarge:
            answer.response.close()
            answer.response.release_conn()
            raise body.too_large(request) from None
        except ApiException as error:  # The client's word for a TLS error.
            raise self._unreachable(request, error.__context__, timeout) from None
        except urllib3.exceptions.MaxRetryError as error:
            raise self._unreachable(request, error.reason, timeout) from None
        except urllib3.exceptions.HTTPError as error:
            raise self._unreachable(request, error, timeout) from None
        if answer.status in redirect.STATUSES:  # urllib3 follows none where it repeats nothing.
            asked = f"{self.configuration.host}{request.path}"
            raise redirect.refused(request, answer.status, asked, answer.headers.get("Location"))
        self._warn(answer.response.headers.getlist("Warning"))
        wait, document = retry_after(answer.headers), _decode(data)
        following = _following(request, document)
        return Response(answer.status, answer.reason or "", document, wait, following)

    def _warn(self, headers: Iterable[str]) -> None:
        """Hand on what the API warns of, such as a version that is to go, once for all hosts."""
        for text in warnings(headers):
            if text not in self._warned:
                self._warned.add(text)
                logger.warning(f"the Kubernetes API warns: {visible(shorten(text))}")

    def explain(self, response: Response) -> str:
        """Return the message of the API's Status object and what to do about it."""
        message = without_objects(message_of(response.body))
        hint = "" if is_no_page(response) else HINTS.get(response.status, "")
        if message.startswith("Apply failed"):  # Fields have another owner: again is no help.
            hint = ""
        return ". ".join(part for part in (shorten(message).rstrip("."), hint) if part)

    def headers(self) -> dict[str, str]:
        """Return the headers that authenticate a request, with a renewed token where needed."""
        headers = {"Accept": "application/json"}
        token = self._credentials.get_api_key_with_prefix("BearerToken", "authorization")
        if not token:
            return headers
        never_show(token)
        if not token.isprintable():  # The text of a client's error would hold it.
            raise Misconfigured(
                "the kubeconfig's token has characters that no token has, such as a line break"
            )
        return headers | {"authorization": token}

    def _unreachable(
        self, request: Request, error: BaseException | None, seconds: float
    ) -> OSError:
        what = f"{request.method} {request.path}"
        if is_certificate_refused(error):
            return OSError(
                "the certificate of the Kubernetes API is not trusted:"
                f" correct certificate-authority-data in the kubeconfig ({shorten(str(error))})"
            )
        if isinstance(error, urllib3.exceptions.SSLError) and not is_cut(error):
            return OSError(f"{what} -> no TLS connection ({shorten(str(error))})")
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            return AnswerLost(f"{what} -> no answer in {seconds:.0f} s")
        via = f" through {self.tunnel.via}" if self.tunnel else ""
        if self.tunnel and self.tunnel.problem:
            return AnswerLost(f"{what} -> {self.tunnel.problem}")
        # The tunnel accepts before it has reached the far end, so it may have been received.
        return AnswerLost(f"{what} -> no answer of the Kubernetes API{via} ({shorten(str(error))})")


_clusters: dict[tuple[Any, ...], Cluster | Exception] = {}
_clusters_lock = threading.Lock()


def open_cluster(data: ClusterData) -> Cluster:
    """Return the cluster that the data names; all hosts with equal data share one.

    Raises OSError where it cannot be reached and ValueError where its configuration is wrong.
    """
    key = tuple(data[name] for name in sorted(cluster_data_meta))  # type: ignore[literal-required]
    with _clusters_lock:
        if key not in _clusters:
            try:
                _clusters[key] = Cluster(data)
            except (OSError, ValueError) as error:
                _clusters[key] = error
    cluster = _clusters[key]
    if isinstance(cluster, Exception):
        raise cluster
    return cluster


def _new_client(configuration: "Configuration") -> "ApiClient":
    from kubernetes.client import ApiClient

    return ApiClient(configuration)


def _encoded(request: Request) -> Any:
    # The client encodes only the media types that end in json.
    return json.dumps(request.payload) if request.content_type == APPLY_PATCH else request.payload


def _following(request: Request, document: Any) -> Request | None:
    """Return the request for the page after one, or None where that was the last one.

    https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
    """
    metadata = document.get("metadata") if request.all_pages and isinstance(document, dict) else 0
    token = metadata.get("continue") if isinstance(metadata, dict) else None
    return request.like(query={**request.query, "continue": token}) if token else None


def message_of(body: Any) -> str:
    """Return the message of a Status object, or the text that an answer is."""
    return str(body.get("message", "") if isinstance(body, dict) else body or "")


def _decode(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data.decode(errors="replace")
