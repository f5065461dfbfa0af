"""Work that is more than one request: watching, waiting, writing a file of the operator's."""

from collections.abc import Callable, Sequence
from typing import Any

from pyinfra import context
from pyinfra.api.arguments import ConnectorArguments
from pyinfra.api.command import FunctionCommand, PyinfraCommand
from pyinfra.api.exceptions import NestedOperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State
from typing_extensions import override

from ops.api.command_line import is_dry_run
from ops.api.console import report_problem
from ops.api.unexpected import explain


class Action(FunctionCommand):
    """Name a function that runs when the operation is executed, never while it is previewed.

    + description: what it does, to be read after "would"
    + function: called with `(state, host, *arguments)`; returning False fails the operation
    + arguments: passed on
    + changes: the difference that it makes, a line for each field
    + quiet: whether what it says was said already, so that it stands in no plan
    + is_check: whether it only looks, and changes nothing
    + is_watch: whether `changes` is what it begins with, and what it does depends on what it sees
    """

    unknown_until_run = False
    fails = False

    def __init__(
        self,
        description: str,
        function: Callable[..., bool],
        *arguments: Any,
        changes: Sequence[str] = (),
        quiet: bool = False,
        is_check: bool = False,
        is_watch: bool = False,
    ) -> None:
        super().__init__(function, arguments, {})
        self.description = description
        self.changes = list(changes)
        self.quiet = quiet
        self.is_check = is_check
        self.is_watch = is_watch

    @override
    def execute(self, state: State, host: Host, connector_arguments: ConnectorArguments) -> Any:
        """Run the function; what it raises is one line, where pyinfra 3.10 prints a traceback."""
        try:
            return super().execute(state, host, connector_arguments)
        except (TimeoutError, NestedOperationError):
            raise
        except Exception as error:
            report_problem(host, [f"{self.description} -> {explain(error)}"])
            return False

    @override
    def __str__(self) -> str:
        return self.description

    @override
    def __repr__(self) -> str:
        return f"Action({self.description})"


def changes_something(command: PyinfraCommand) -> bool:
    """Return whether a command surely changes something: a failure, a look and a watch may not."""
    if isinstance(command, Action):
        return bool(command.changes) and not (command.is_check or command.is_watch or command.fails)
    return bool(getattr(command, "mutating", True))


def failure(host: Host, reason: str, changes: Sequence[str] = ()) -> Action:
    """Return an action that fails the operation after what else it does on its host.

    + host: the host; a preview that has a failure on it ends with exit code 1
    + reason: why it cannot be done
    + changes: what is in the way, line by line
    """
    if is_dry_run():
        context.state.failed_hosts.add(context.inventory.get_host(host.name))
    action = Action(f"fail: {reason}", _fail, reason, changes=changes)
    action.fails = True
    return action


def _fail(state: State, host: Host, reason: str) -> bool:
    report_problem(host, [reason])  # It may be so only since the preview.
    return False
