"""The decorator of every operation: it previews each change before pyinfra sends it."""

import functools
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, ParamSpec, cast

from pyinfra import context
from pyinfra.api import operation as pyinfra_operation
from pyinfra.api.arguments_typed import PyinfraOperation
from pyinfra.api.command import PyinfraCommand, StringCommand
from pyinfra.api.exceptions import OperationError, PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.operation import OperationMeta
from pyinfra.api.state import State

from ops.api import guards
from ops.api.action import Action, changes_something
from ops.api.console import report, report_problem
from ops.api.order import keep_order
from ops.api.plan import CHANGE, CHECK, CONDITIONAL, UNKNOWN, Entry, plan
from ops.api.plan_view import shortened, with_short_values
from ops.api.stop import end_if_asked
from ops.api.unexpected import explain
from ops.api.verdict import verdict

P = ParamSpec("P")
LONGEST_COMMAND = 300
REASONS = {
    CONDITIONAL: "only where the operations that it rests on have succeeded",
    UNKNOWN: "what it rests on is known when it runs",
}
Commands = Generator[PyinfraCommand, None, None]


def operation(function: Callable[P, Iterable[PyinfraCommand]]) -> PyinfraOperation[P]:
    """Turn a generator of requests and commands into a pyinfra operation with a preview.

    While pyinfra prepares, every command is collected for the plan: the difference that it makes,
    field by field, and the line `would METHOD /path body`. When the change is made, the lines are
    printed that the plan did not have, because the state has changed since. Collecting runs the
    whole generator, so it must be free of side effects: read facts, compare, yield.
    """

    @functools.wraps(function)
    def previewed(*args: P.args, **kwargs: P.kwargs) -> Commands:
        end_if_asked()
        try:
            commands = list(function(*args, **kwargs))
        except Exception as error:
            if not context.state.is_executing:
                raise  # `ops.api.preparation` says it.
            # While executing, pyinfra 3.10 would print a traceback and end the run for all hosts.
            commands = [Action(explain(error), _fail)]
        commands = _allowed(context.host, commands)
        plan.prepared.add(context.host.current_op_hash or "")
        _announce(context.host, commands)
        yield from _while_allowed(context.host, commands)

    registered = pyinfra_operation()(previewed)

    @functools.wraps(registered)
    def ordered(*args: Any, **kwargs: Any) -> OperationMeta:
        keep_order(context.state)
        return registered(*args, **kwargs)

    return cast(PyinfraOperation[P], ordered)


def _while_allowed(host: Host, commands: Sequence[PyinfraCommand]) -> Commands:
    """Yield the commands up to one that may not be executed now, and fail there."""
    for command in commands:
        # What an action sends is asked about when it does.
        if context.state.is_executing and not isinstance(command, Action):
            reason = changes_something(command) and guards.refusal(_real(host))
            if reason:
                report_problem(host, [reason])
                yield Action(reason, _fail)
                return
        yield command


def _allowed(host: Host, commands: list[PyinfraCommand]) -> list[PyinfraCommand]:
    """Return the commands, or a failure where they make changes that a saved plan has not."""
    if not context.state.is_executing:
        return commands
    lines = _exact([command for command in commands if changes_something(command)])
    missing = plan.missing(host.executing_op_hash or "", host, lines)
    if not missing:
        return commands
    reason = f"its state has moved since the plan, which has not: {missing[0]}"
    verdict.moved.append(f"{host.name}: {reason}")
    return [Action(reason, _fail)]


def _fail(state: State, host: Host) -> bool:
    return False


def human_name(host: Host) -> str:
    """Return what people call a host (`build-1`), or an empty text."""
    return str(host.data.get("description") or "")


def read(host: Host, fact: type[Any], **arguments: Any) -> Any:
    """Read a fact, and raise OperationError where the state could not be read.

    pyinfra hands out a fact's default when reading failed; taken for the truth it would mean "no
    change". The facts of this project have `UNREADABLE` as their default instead. A fact that runs
    on a shell has its time limit in the attribute `seconds`.
    """
    # The fact's command looks at the current host, which is another one when a deploy asks across.
    real_host = _real(host)
    reason = fact().check_preconditions(context.state, real_host)
    if reason:  # While it prepares, pyinfra would hide that.
        raise OperationError(reason)
    # What cannot be read is raised below; pyinfra would leave the host out of the run as well.
    limit: dict[str, Any] = {"_ignore_errors": True}
    if hasattr(fact, "seconds"):
        limit["_timeout"] = fact.seconds
    with context.ctx_host.use(real_host):
        try:
            value = real_host.get_fact(fact, **arguments, **limit)
        except PyinfraError:  # pyinfra's "Over 0% of hosts failed", after it has printed why.
            value = UNREADABLE
    if value is UNREADABLE:
        raise OperationError(
            f"{host.name}: its state could not be read (fact {fact.__name__}): nothing is changed"
        )
    return value


def _real(host: Host) -> Host:
    # `host` may be pyinfra's proxy for the current host, which is another one later.
    return context.inventory.get_host(host.name)


class _Unreadable:
    def to_json(self) -> str:
        return "no such resource, or it could not be read"


# The default of a fact whose state could not be read: an error, never "no change".
UNREADABLE = _Unreadable()


def _announce(host: Host, commands: Sequence[PyinfraCommand]) -> None:
    state = context.state
    if all(getattr(command, "quiet", False) for command in commands):
        return
    changes = _changes(commands)
    is_check = _is_check(commands)
    if state.is_executing:
        if is_check:
            verdict.checks.add((host.executing_op_hash or "", host.name))
        lines = _lines(host, commands, "")
        entry = Entry(_real(host), CHANGE, lines, changes, _lines(host, commands, "", brief=True))
        if _is_failure(commands):
            report_problem(host, lines)
        elif plan.unseen(host.executing_op_hash or "", host, changes):
            text = "known only now:"
            if not plan.is_open(host.executing_op_hash or "", host):
                text = "since the preview its state has changed:"
            found = shortened(entry)
            report(host, [f"{text} {found[0]}"] if len(found) == 1 else [text, *found])
        return
    kind = CHECK if is_check else CHANGE
    if any(getattr(command, "unknown_until_run", False) for command in commands):
        kind = UNKNOWN
    if host.current_op_global_arguments and host.current_op_global_arguments["_if"]:
        kind = CONDITIONAL
    verb = "conditional: would " if kind == CONDITIONAL else "would "
    lines = _lines(host, commands, verb)
    brief = _lines(host, commands, verb, brief=True)
    described = [_document(command) for command in commands]
    exact, reason = _exact(commands), REASONS.get(kind, "")
    entry = Entry(_real(host), kind, lines, changes, brief, exact, described, reason, is_check)
    plan.add(host.current_op_hash or "", entry)


def _is_check(commands: Sequence[PyinfraCommand]) -> bool:
    return all(getattr(command, "is_check", False) for command in commands)


def _changes(commands: Sequence[PyinfraCommand]) -> list[str]:
    return [line for command in commands for line in getattr(command, "changes", [])]


def _exact(commands: Sequence[PyinfraCommand]) -> list[str]:
    return [line for command in commands for line in _exactly(command)]


def _exactly(command: PyinfraCommand) -> Sequence[str]:
    if _is_watch(command):
        return ["watch"]
    return getattr(command, "changes", None) or [_describe(command)]


def _is_watch(command: PyinfraCommand) -> bool:
    return isinstance(command, Action) and command.is_watch


def _is_failure(commands: Sequence[PyinfraCommand]) -> bool:
    return any(isinstance(command, Action) and command.function is _fail for command in commands)


def _lines(
    host: Host, commands: Sequence[PyinfraCommand], verb: str, *, brief: bool = False
) -> list[str]:
    name = human_name(host)
    lines: list[str] = []
    for command in commands:
        changes = list(getattr(command, "changes", []))
        if brief:
            changes = [with_short_values(line) for line in changes]
        if changes and name:
            changes[0] = f"{changes[0]} ({name})"
        lines += changes
        if not (brief and changes and not isinstance(command, Action)):
            lines.append(f"{verb}{_cut(_describe(command))}")
    return lines


def _describe(command: PyinfraCommand) -> str:
    if hasattr(command, "changes"):
        return str(command)
    return f"run {command}" if isinstance(command, StringCommand) else repr(command)


def _document(command: PyinfraCommand) -> dict[str, Any]:
    """Return a request or a command as the document of the run has it."""
    method, path = getattr(command, "method", None), getattr(command, "target", None)
    if method and path:  # A request is of a floor above this one.
        return {"request": {"method": method, "path": path}}
    if isinstance(command, StringCommand):
        return {"command": _cut(str(command))}
    return {"action": _cut(_describe(command))}


def _cut(text: str) -> str:
    if len(text) <= LONGEST_COMMAND:
        return text
    return f"{text[:LONGEST_COMMAND]}… ({len(text)} characters)"
