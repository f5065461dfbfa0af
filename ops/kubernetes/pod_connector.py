"""The connector `@pod`: a shell in a pod, found by namespace, label selector and container.

`@pod/gitlab/app=toolbox` or `@pod/gitlab/app=toolbox/toolbox`. Which of several pods and containers
that is, `ops/kubernetes/pods.py` says; the next command after a replacement goes to the new pod.
"""

from collections.abc import Iterator, Mapping
from io import IOBase
from typing import Any
from uuid import uuid4

from pyinfra.api import QuoteString, StringCommand
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.output import echo
from pyinfra.api.util import get_file_io
from pyinfra.connectors.base import BaseConnector, DataMeta
from pyinfra.connectors.util import make_unix_command_for_host
from typing_extensions import override

from ops.api.console import report_problem, report_progress
from ops.api.unexpected import translated
from ops.http.failed_hosts import decide_about_failed_hosts
from ops.http.request import Request
from ops.http.response import Output, failed
from ops.kubernetes.candidates import candidates, chosen
from ops.kubernetes.cluster import Cluster, open_cluster
from ops.kubernetes.exec import NotStarted, Result, as_output, run_in_pod
from ops.kubernetes.kubeconfig import ClusterData, cluster_data_meta
from ops.kubernetes.names import split_pod_name
from ops.kubernetes.pods import container, may_have_processes, name_of, unfit

# Arguments of pyinfra that say nothing about the shell and its user.
NOT_ABOUT_SHELL = (
    "_timeout", "_stdin", "_success_exit_codes", "_get_pty",
    "_retries", "_retry_delay", "_retry_until",
)  # fmt: skip


class PodData(ClusterData):
    """Host data of `@pod`."""

    pod_namespace: str
    pod_selector: str
    pod_container: str
    connect_when_needed: bool


class PodConnector(BaseConnector):
    """Run shell commands and copy files in a pod, through the Kubernetes API alone.

    Honoured of pyinfra's global arguments are `_timeout`, `_env`, `_chdir`, `_shell_executable` and
    the ones about users, and of commands `_success_exit_codes` and `_stdin`. `_get_pty` is refused.
    """

    handles_execution = True
    data_cls = PodData
    data_meta = {
        "pod_namespace": DataMeta("Namespace of the pod"),
        "pod_selector": DataMeta("Label selector that finds the pod"),
        "pod_container": DataMeta("Container; else the one that kubectl would take"),
        **cluster_data_meta,
        "connect_when_needed": DataMeta("Look for the pod when a job needs it, not before", False),
    }
    data: PodData

    cluster: Cluster
    pod: str = ""
    container: str = ""

    @override
    @staticmethod
    def make_names_data(name: str) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        namespace, selector, container = split_pod_name(name or "")
        data = {"pod_namespace": namespace, "pod_selector": selector}
        if container:
            data["pod_container"] = container
        yield f"@pod/{name}", data, ["@pod"]

    @override
    def connect(self) -> None:
        """Find the pod; with `connect_when_needed` that is left to the first command."""
        decide_about_failed_hosts(self.state)
        if self.host.data.get("connect_when_needed"):
            return
        try:
            with translated(f"look for {self.host.name}"):
                self._open()
        except OSError as error:
            raise ConnectError(str(error)) from error

    def api(self) -> Cluster:
        """Return the API of the cluster; raises OSError or ValueError in words."""
        return open_cluster(self.data)

    def _open(self) -> Cluster:
        if not self.pod:
            self.cluster = self.api()
            self._find_pod()
        return self.cluster

    @override
    def run_shell_command(
        self,
        command: StringCommand,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> Output:
        """Run a command with the pod's shell; where its exit code is unknown, it has failed.

        Raises TimeoutError after `_timeout`.
        """
        done, output = self._execute(command, print_input, arguments)
        if print_output:
            for line in output:
                echo(f"[{self.host.name}] {line.line}", err=line.buffer_name == "stderr")
        return done, output

    def _execute(
        self, command: StringCommand, print_input: bool, arguments: dict[str, Any]
    ) -> Output:
        if isinstance(command, Request):
            return failed(f"{command} is a request to an API, and a pod takes shell commands")
        if arguments.get("_get_pty"):
            return failed("_get_pty: a command in a pod gets no terminal here, leave it out")
        stdin = _as_bytes(arguments.get("_stdin"))
        exit_codes = arguments.get("_success_exit_codes") or [0]
        unix_command = self._unix_command(command, arguments)
        if print_input:
            echo(f"[{self.host.name}] >>> {unix_command}", err=True)
        try:
            result = self._run(unix_command.get_raw_value(), stdin, arguments.get("_timeout"))
        except TimeoutError:
            raise
        except OSError as error:
            return failed(str(error))
        return result.exit_code in exit_codes, as_output(result)

    def _unix_command(self, command: StringCommand, arguments: Mapping[str, Any]) -> StringCommand:
        """Return the command as it is for the user, the directory and the variables asked for."""
        about_shell = {k: v for k, v in arguments.items() if k not in NOT_ABOUT_SHELL}
        return make_unix_command_for_host(self.state, self.host, command, **about_shell)

    @override
    def put_file(
        self,
        filename_or_io: str | IOBase,
        remote_filename: str,
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        """Write a file in the pod as the user asked for: complete under its name, or not at all.

        Raises TimeoutError after `_timeout`.
        """
        with get_file_io(filename_or_io) as file:  # type: ignore[arg-type]
            data = file.read()
        temporary = f"{remote_filename}.{uuid4().hex[:8]}"
        script = StringCommand(
            StringCommand("head", "-c", str(len(data)), ">", QuoteString(temporary)),
            StringCommand("mv", "-f", QuoteString(temporary), QuoteString(remote_filename)),
            _separator=" && ",
        ).get_raw_value()
        script = f"{script} || {{ rm -f {StringCommand(QuoteString(temporary))}; exit 1; }}"
        return self._done(self._run_script(script, data or b"\n", arguments))

    @override
    def get_file(
        self,
        remote_filename: str,
        filename_or_io: str | IOBase,
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        """Read a file of the pod as the user asked for, byte for byte.

        Raises TimeoutError after `_timeout`.
        """
        script = StringCommand("cat", QuoteString(remote_filename)).get_raw_value()
        result = self._run_script(script, b"", arguments)
        if not self._done(result):
            return False
        with get_file_io(filename_or_io, "wb") as file:  # type: ignore[arg-type]
            file.write(result.stdout)
        return True

    def _run_script(self, script: str, stdin: bytes, arguments: Mapping[str, Any]) -> Result:
        command = self._unix_command(StringCommand(script), arguments)
        return self._run(command.get_raw_value(), stdin, arguments.get("_timeout"))

    @translated("run a command in a pod")
    def _run(self, script: str, stdin: bytes, timeout: float | None) -> Result:
        cluster = self._open()
        try:
            return run_in_pod(cluster, self._path(), self.container, script, stdin, timeout)
        except NotStarted:
            former = self.pod
            self._find_pod()
            if former == self.pod:
                raise
            report_progress(self.host, [f"pod {former} takes no commands, going on in {self.pod}"])
        return run_in_pod(cluster, self._path(), self.container, script, stdin, timeout)

    def _done(self, result: Result) -> bool:
        if result.exit_code != 0:
            report_problem(self.host, as_output(result).stderr_lines)
        return result.exit_code == 0

    def _path(self, pod: str = "") -> str:
        return f"/api/v1/namespaces/{self.data['pod_namespace']}/pods/{pod or self.pod}"

    def _where(self) -> tuple[str, str]:
        return self.data["pod_namespace"], self.data["pod_selector"]

    def _find_pod(self) -> None:
        pod, choice = chosen(self.cluster, *self._where())
        name, why = container(pod, self.data["pod_container"] or "")
        former, self.pod, self.container = self.pod, name_of(pod), name
        if former != self.pod:
            report_progress(self.host, list(filter(None, (str(choice), why))))

    def elsewhere(self, command: StringCommand, timeout: float) -> list[tuple[str, Output]]:
        """Run a command in each other pod in which something may still run; name each of them."""
        cluster, found = self._open(), []
        script = self._unix_command(command, {}).get_raw_value()
        for pod in candidates(cluster, *self._where()):
            if name_of(pod) == self.pod or not may_have_processes(pod):
                continue
            try:
                with translated("run a command in a pod"):
                    name, _ = container(pod, self.data["pod_container"] or "")
                    path = self._path(name_of(pod))
                    result = run_in_pod(cluster, path, name, script, b"", timeout)
                output: Output = (result.exit_code == 0, as_output(result))
            except OSError as error:
                output = failed(str(error))
            found.append((f"pod {name_of(pod)} ({unfit(pod) or 'Ready'})", output))
        return found


def _as_bytes(stdin: Any) -> bytes:
    if stdin is None:
        return b""
    lines = [stdin] if isinstance(stdin, str) else list(stdin)
    return "".join(f"{line}\n" for line in lines).encode()
