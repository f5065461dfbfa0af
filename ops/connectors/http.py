"""What the connectors of API resources share: hosts that take requests, not shell commands."""

import json
import sys
import time
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pyinfra.api import StringCommand
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host
from pyinfra.api.output import echo
from pyinfra.api.state import State, StateStage
from pyinfra.connectors.base import BaseConnector
from pyinfra.connectors.util import CommandOutput, OutputLine
from typing_extensions import override

from ops.api.console import report
from ops.api.difference import contains
from ops.api.request import Request, get
from ops.api.secret import conceal, masked

LONGEST_MESSAGE = 256
PUT_BACK_ATTEMPTS = 5

Output = tuple[bool, CommandOutput]


@dataclass(frozen=True)
class Response:
    """The answer to a request: HTTP status, reason and the decoded body."""

    status: int
    reason: str
    body: Any

    @property
    def ok(self) -> bool:
        """Whether the API did what was asked."""
        return 200 <= self.status < 300


class Api(Protocol):
    """The connection to one API, shared by all hosts that are its resources."""

    def send(self, request: Request, timeout: float | None) -> Response:
        """Send a request; raise OSError or TimeoutError where no answer came."""

    def explain(self, response: Response) -> str:
        """Return the API's message and what to do about it, in one short line."""


class HttpConnector(BaseConnector):
    """Base of `@gitlab` and `@kubernetes`: facts and operations send a `Request`.

    Honoured of pyinfra's global arguments is `_timeout` (seconds for each request). The ones that
    belong to a shell (`_env`, `_chdir`, `_sudo`, `_success_exit_codes`, …) are refused in words.
    """

    handles_execution = True

    api: Api

    def __init__(self, state: State, host: Host) -> None:
        super().__init__(state, host)
        # Sent on the way out if a later step fails (ops/kubernetes.py, put_back).
        self.put_back: Request | None = None
        self._first_answer: Any = None

    @abstractmethod
    def open_api(self) -> Api:
        """Return the shared connection; raise OSError or ValueError in words where it cannot be."""

    @abstractmethod
    def resource_path(self) -> str:
        """Return the path of the resource that this host is."""

    @override
    def connect(self) -> None:
        """Open the shared connection and read the resource that this host is."""
        ask_only_on_a_terminal(self.state)
        request = get(self.resource_path())
        try:
            self.api = self.open_api()
            response = self.first_read(request)
        except (OSError, ValueError) as error:
            raise ConnectError(str(error)) from error
        if not response.ok:
            raise ConnectError(self._message(request, response))
        self._first_answer = response.body

    def first_read(self, request: Request) -> Response:
        """Read the resource while connecting; a subclass may serve many hosts with one request."""
        return self.api.send(request, None)

    @override
    def disconnect(self) -> None:
        """Put back what must not stay as it is when the run ends early."""
        if self.put_back is not None:
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
        """Send the request that the command is, and return the answer's JSON as output lines.

        Raises OSError or TimeoutError, which pyinfra contains, where no answer came.
        """
        sent = None
        try:
            request = _as_request(command, arguments)
        except ValueError as error:
            output = _failed(str(error))
        else:
            if print_input:
                echo(f"{self.host.print_prefix}>>> {request}", err=True)
            sent = request.body
            output = self._answer(request, arguments.get("_timeout") or None)
        if print_output:
            self._print(output, sent)
        return output

    def _answer(self, request: Request, timeout: float | None) -> Output:
        if self._is_first_read(request):
            body, self._first_answer = self._first_answer, None
            return _succeeded(body)
        try:
            response = self.api.send(request, timeout)
        except TimeoutError as error:
            return self._after_time_out(request, error)
        if response.ok:
            return _succeeded(response.body)
        if response.status == 404 and request.missing_ok:
            return _succeeded(None)
        return _failed(self._message(request, response))

    def _is_first_read(self, request: Request) -> bool:
        # Connecting has just read this resource. Later the answer would be old, and with -y the
        # preparation reads nothing, so the answer is used before the execution only.
        return (
            self._first_answer is not None
            and self.state.current_stage < StateStage.Execute
            and str(request) == f"GET {self.resource_path()}"
        )

    def _after_time_out(self, request: Request, error: TimeoutError) -> Output:
        """Read again after a write without an answer, and say whether it was done."""
        if request.method not in ("PUT", "PATCH") or not request.mutating:
            raise error
        response = self.api.send(get(request.path), None)
        if response.ok and contains(response.body, request.payload):
            report(
                self.host, [f"{request.method} {request.path} timed out, but was done (read again)"]
            )
            return _succeeded(response.body)
        return _failed(
            f"{request.method} {request.path} -> no answer in time, and reading again shows that it"
            " was not done. Running again is safe."
        )

    def _message(self, request: Request, response: Response) -> str:
        status = f"{response.status} {response.reason}".strip()
        # An API may repeat in its refusal what it was sent.
        explanation = masked(self.api.explain(response), request.body)
        return f"{request.method} {request.path} -> {status}. {explanation}"

    def _print(self, output: Output, sent: Any) -> None:
        text = output[1].stdout
        if text:
            text = json.dumps(conceal(json.loads(text)), indent=2, default=str, ensure_ascii=False)
        for line in masked(text, sent).splitlines():
            echo(f"{self.host.print_prefix}{line}")
        for line in output[1].stderr_lines:
            echo(f"{self.host.print_prefix}{line}", err=True)

    def _send_put_back(self, request: Request) -> None:
        report(self.host, ["the run ends before it is done, so:", *request.changes, str(request)])
        reason = ""
        for attempt in range(PUT_BACK_ATTEMPTS):
            try:
                response = self.api.send(request, None)
            except OSError as error:
                reason = str(error)
            else:
                if response.ok:
                    report(self.host, ["put back"])
                    return
                reason = self._message(request, response)
            time.sleep(2**attempt / 4)
        report(self.host, [f"NOT put back: {reason}", "Run again, or send this by hand."])

    @override
    def put_file(self, *_: Any, **__: Any) -> bool:
        """Refuse: an API resource has no files."""
        raise OSError(f"{self.host.name} is an API resource and has no files")

    @override
    def get_file(self, *_: Any, **__: Any) -> bool:
        """Refuse: an API resource has no files."""
        raise OSError(f"{self.host.name} is an API resource and has no files")


def _as_request(command: StringCommand, arguments: Mapping[str, Any]) -> Request:
    refused = _refuse_shell_arguments(arguments)
    if refused:
        raise ValueError(refused)
    return command if isinstance(command, Request) else Request.parse(str(command))


def _refuse_shell_arguments(arguments: Mapping[str, Any]) -> str:
    """Return why the given global arguments make no sense for a request, or an empty text."""
    exit_codes: Iterable[int] = arguments.get("_success_exit_codes") or [0]
    names = ("_env", "_chdir", "_stdin", "_get_pty", "_sudo", "_su_user", "_doas", "_dzdo")
    given = [name for name in names if arguments.get(name)]
    if list(exit_codes) != [0]:
        given.append("_success_exit_codes")
    if not given:
        return ""
    return f"{', '.join(given)}: has no meaning for a request to an API, leave it out"


def ask_only_on_a_terminal(state: State) -> None:
    """Let a failed host end the run at once where nobody can answer pyinfra's question.

    Without a terminal the question ends in an EOFError and a traceback (pyinfra 3.10).
    """
    if not sys.stdin or not sys.stdin.isatty():
        state.should_raise_failed_hosts = None


def shorten(text: str) -> str:
    """Return a message on one line, cut so that a log cannot leak a payload."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}…"


def _succeeded(body: Any) -> Output:
    return True, CommandOutput([OutputLine("stdout", json.dumps(body))])


def _failed(message: str) -> Output:
    return False, CommandOutput([OutputLine("stderr", message)])
