"""What goes wrong while the deploy is prepared for a host is one line of that host."""

from collections.abc import Callable
from typing import Any

from gevent import GreenletExit
from pyinfra import context
from pyinfra.api.exceptions import OperationError, PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.command_line import is_dry_run
from ops.api.console import report_problem
from ops.api.unexpected import explain
from ops.api.visible import one_line

_reported: set[str] = set()
_refused: dict[Host, str] = {}


def always() -> None:
    """Have each operation run through, its checks done and nothing sent, before the first one.

    With `-y` pyinfra 3.10 leaves that out, so that what an operation refuses would be found after
    the ones before it have written. Here `-y` means that nobody is asked; docs/decisions/0021 says
    what it costs. Called while pyinfra loads config.py, before any deploy.
    """
    context.state.check_for_changes = True


def in_words(exec_file: Callable[..., Any]) -> Callable[..., Any]:
    """Return pyinfra's function that runs a deploy file on a host, as one that shows no traceback.

    A preview goes on for the other hosts, and ends with exit code 1. Otherwise the run ends, before
    anything is changed.
    """

    def run(filename: str, *arguments: Any, **options: Any) -> Any:
        try:
            return exec_file(filename, *arguments, **options)
        except Exception as error:
            # What is none of its own errors, pyinfra has put into one with a traceback.
            cause = getattr(error, "exception", error)
            if isinstance(cause, PyinfraError) and not isinstance(cause, OperationError):
                raise
            _end(cause, filename)

    return run


def for_all_hosts(load: Callable[..., None]) -> Callable[..., None]:
    """Return pyinfra's function that prepares a deploy, as one that names each host that fails.

    pyinfra ends the run with the first one, and hosts prepare at once: which one that is would
    depend on who is faster.
    """

    def run(state: State, filename: str) -> None:
        load(state, filename)
        found = {host: _refused[host] for host in state.inventory if host in _refused}
        if len(set(found.values())) > 1:
            for host, reason in found.items():
                report_problem(host, [reason])
            raise OperationError(f"{len(found)} hosts are refused, so nothing is executed")
        for host, reason in found.items():
            text = reason if reason.startswith(host.name) else f"{host.name}: {reason}"
            raise OperationError(one_line(text))

    return run


def _end(cause: Exception, filename: str) -> None:
    host, reason = context.inventory.get_host(context.host.name), explain(cause)
    context.state.failed_hosts.add(host)
    if not is_dry_run():
        _refused[host] = reason
        raise GreenletExit
    # Where hosts look at one that cannot be read, the reason of all is the same.
    if reason not in _reported:
        _reported.add(reason)
        report_problem(host, [f"{filename} goes no further here: {reason}"])
    raise GreenletExit
