"""What the connectors of API resources share: hosts that take requests, not shell commands."""

import json
import time
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

from pyinfra.api import StringCommand
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host
from pyinfra.api.output import echo
from pyinfra.api.state import State, StateStage
from pyinfra.connectors.base import BaseConnector, DataMeta
from typing_extensions import override

from ops.api import guards
from ops.api.console import report, report_problem, report_progress
from ops.api.secret import conceal, masked
from ops.api.stop import putting_back
from ops.api.unexpected import translated
from ops.api.verdict import verdict
from ops.http.command import as_request
from ops.http.failed_hosts import decide_about_failed_hosts
from ops.http.lookup import was_done
from ops.http.noted import NotDone, noted
from ops.http.read_once import forget, read_once
from ops.http.request import Request, get
from ops.http.request_failed import RequestFailed
from ops.http.response import AnswerLost, Output, Response, failed, succeeded

PUT_BACK_ATTEMPTS, PUT_BACK_SECONDS = 5, 10
LOOKUP_PAUSES = (0, 1, 3)  # What timed out may be done a moment later.

http_data_meta = {
    "connect_when_needed": DataMeta("Ask for the resource when a job needs it, not before", False),
    "may_be_missing": DataMeta("A job makes it, so 404 is an answer", False),
}


class Api(Protocol):
    """The connection to one API, shared by all hosts that are its resources."""

    def send(self, request: Request, timeout: float | None) -> Response:
        """Send a request; raise OSError in words where no answer came."""

    def explain(self, response: Response) -> str:
        """Return the API's message and what to do about it, in one short line."""


class HttpConnector(BaseConnector):
    """Base of `@gitlab` and `@kubernetes`: facts and operations send a `Request`.

    Honoured of pyinfra's global arguments is `_timeout` (seconds for each request). The ones that
    belong to a shell (`_env`, `_chdir`, `_sudo`, `_success_exit_codes`, …) are refused in words.
    """

    handles_execution = True

    def __init__(self, state: State, host: Host) -> None:
        super().__init__(state, host)
        # Sent on the way out if a later step fails (ops/kubernetes/cron_jobs.py,
        # ops/site/experiment/runner_pod.py).
        self.put_back: Request | None = None
        self._api: Api | None = None

    @abstractmethod
    def open_api(self) -> Api:
        """Return the shared connection; raise OSError or ValueError in words where it cannot be."""

    @abstractmethod
    def resource_path(self) -> str:
        """Return the path of the resource that this host is."""

    @override
    def connect(self) -> None:
        """Open the shared connection and read the resource that this host is.

        With `connect_when_needed` that is left to the first request.
        """
        decide_about_failed_hosts(self.state)
        if self.host.data.get("connect_when_needed"):
            return
        try:
            with translated(f"GET {self.resource_path()}"):
                self._open()
        except OSError as error:
            raise ConnectError(str(error)) from error

    def first_read(self, api: Api, request: Request) -> Response:
        """Read the resource while connecting; a subclass may serve many hosts with one request."""
        return api.send(request, None)

    def addressed(self, request: Request) -> Request:
        """Return a request as it is sent; a subclass may learn its path while it connects."""
        return request

    def is_missing(self, response: Response) -> bool:
        """Return whether an answer says that the resource does not exist."""
        return response.status == 404

    def endpoint(self) -> str | None:
        """Return the API's URL where that tells one site from another."""
        return None

    def _open(self) -> Api:
        if self._api is None:
            api = self.open_api()
            request = get(self.resource_path())
            response = self._send(api, request, lambda: self.first_read(api, request))
            missing_ok = self.is_missing(response) and self.host.data.get("may_be_missing")
            if not response.ok and not missing_ok:
                raise RequestFailed(_message(api, request, response), response.status)
            self._api = api
        return self._api

    @override
    def disconnect(self) -> None:
        """Put back what must not stay as it is when the run ends early."""
        if self.put_back is not None:
            with putting_back(f"{self.host.name}: {self.put_back}"):
                self._send_put_back(self.put_back)
            self.put_back = None

    @override
    def run_shell_command(
        self,
        command: StringCommand,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> Output:
        """Send the request that the command is, and return the answer's JSON as a line of output.

        What went wrong is the one line of stderr.
        """
        sent = None
        try:
            request = as_request(command, arguments)
            if print_input:
                echo(f"[{self.host.name}] >>> {request}", err=True)
            sent = request.body
            with translated(f"{request.method} {request.path}"):
                limit = arguments.get("_timeout") or None
                output = noted(self, request, lambda: self._answer(request, limit))
                if output[0] and request.done is not None:
                    request.done(json.loads(output[1].stdout))
        except OSError as error:
            output = failed(str(error), getattr(error, "status", 0))
        if print_output:
            self._print(output, sent)
        return output

    def _answer(self, request: Request, timeout: float | None) -> Output:
        api = self._open()
        request = self.addressed(request)
        try:
            response = self._send(api, request, lambda: api.send(request, timeout))
        except AnswerLost as error:
            if not request.mutating:
                raise
            return self._after_lost_answer(api, request, error)
        if response.ok:
            return succeeded(response.body)
        if self.is_missing(response) and request.missing_ok:
            return succeeded(None)
        if request.mutating and response.status >= 500:
            # A gateway gives up before the API does; an API may fail after it has stored a change.
            return self._after_lost_answer(api, request, AnswerLost(_verdict(request, response)))
        raise RequestFailed(_message(api, request, response), response.status)

    def _send(self, api: Api, request: Request, send: Callable[[], Response]) -> Response:
        if self.state.current_stage < StateStage.Execute and not request.mutating:
            return read_once(api, request, send)
        forget()
        return send()

    def _after_lost_answer(self, api: Api, request: Request, error: AnswerLost) -> Output:
        """Read again after a write without an answer, and say whether it was done."""
        if request.lookup is None:
            return failed(
                f"{error}. It is unknown whether that was done: look before running again"
            )
        text = str(error).rstrip(".")
        for pause in LOOKUP_PAUSES:
            time.sleep(pause)
            answer = api.send(request.lookup, None)
            done = was_done(request, answer)
            if done is not None:
                report(self.host, [f"{text}, but it was done (read again)"])
                return succeeded(done)
        if not answer.ok and not self.is_missing(answer):
            return failed(
                f"{text}. Reading again gave {answer.status}, so it is unknown whether that was"
                " done: look before running again"
            )
        raise NotDone(f"{text}, and reading again shows that it was not done. Run again.")

    def _print(self, output: Output, sent: Any) -> None:
        text = output[1].stdout
        if text:
            text = json.dumps(conceal(json.loads(text)), indent=2, default=str, ensure_ascii=False)
        for line in masked(text, sent).splitlines():
            echo(f"[{self.host.name}] {line}")
        for line in output[1].stderr_lines:
            echo(f"[{self.host.name}] {line}", err=True)

    def _send_put_back(self, request: Request) -> None:
        report_progress(
            self.host, ["the run ends before it is done, so:", *request.changes, str(request)]
        )
        # Somebody waits for the end of the process: each attempt is short.
        for sent in filter(None, (request, request.lookup)):
            sent.attempts = 1
        reason = guards.replaced()
        for attempt in range(0 if reason else PUT_BACK_ATTEMPTS):
            done, output = self.run_shell_command(request, _timeout=PUT_BACK_SECONDS)
            if done:
                report_progress(self.host, ["put back"])
                verdict.put_back.append("; ".join(request.changes) or self.host.name)
                return
            reason = " ".join(output.stderr_lines)
            time.sleep(2**attempt / 4)
        report_problem(self.host, [f"NOT put back: {reason}", "Run again, or send this by hand."])

    @override
    def put_file(self, *_: Any, **__: Any) -> bool:
        """Refuse: an API resource has no files."""
        raise OSError(f"{self.host.name} is an API resource and has no files")

    @override
    def get_file(self, *_: Any, **__: Any) -> bool:
        """Refuse: an API resource has no files."""
        raise OSError(f"{self.host.name} is an API resource and has no files")


def _message(api: Api, request: Request, response: Response) -> str:
    # An API may repeat in its refusal what it was sent.
    explanation = masked(api.explain(response), request.body)
    return f"{_verdict(request, response)}. {explanation}"


def _verdict(request: Request, response: Response) -> str:
    return f"{request.method} {request.path} -> {response.status} {response.reason}".strip()
