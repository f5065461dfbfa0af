"""The decorator of every operation: it previews each change before pyinfra sends it."""

import functools
import shutil
import sys
import textwrap
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, ParamSpec, cast

from pyinfra import context, logger
from pyinfra.api import operation as pyinfra_operation
from pyinfra.api.arguments_typed import PyinfraOperation
from pyinfra.api.command import PyinfraCommand, StringCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.operation import OperationMeta

from ops.api.order import keep_order

P = ParamSpec("P")
INDENT = "    "
LONGEST_PREFIX = 40
LONGEST_COMMAND = 300
Commands = Generator[PyinfraCommand, None, None]


def operation(function: Callable[P, Iterable[PyinfraCommand]]) -> PyinfraOperation[P]:
    """Turn a generator of requests and commands into a pyinfra operation with a preview.

    While pyinfra prepares, every command is collected and shown: the difference that it makes,
    field by field, and the line `would METHOD /path body`. With `-y` pyinfra skips that stage, and
    the same lines are printed when the change is made. Collecting runs the whole generator, so it
    must be free of side effects: read facts, compare, yield.
    """

    @functools.wraps(function)
    def previewed(*args: P.args, **kwargs: P.kwargs) -> Commands:
        commands = list(function(*args, **kwargs))
        _announce(context.host, commands)
        yield from commands

    registered = pyinfra_operation()(previewed)

    @functools.wraps(registered)
    def ordered(*args: Any, **kwargs: Any) -> OperationMeta:
        keep_order(context.state)
        return registered(*args, **kwargs)

    return cast(PyinfraOperation[P], ordered)


def report(host: Host, lines: Sequence[str], heading: str = "") -> None:
    """Print lines of a host: each with its name before it, or below a heading with its name.

    + lines: what to print, wrapped to the width of a terminal if there is one
    + heading: what the lines are about; a host with a long name always gets its name alone
    """
    if not lines:
        return
    prefix = f"[{host.name}] "
    if heading or len(prefix) > LONGEST_PREFIX:
        _print(f"{prefix}{heading}".rstrip())
        prefix = INDENT
    for line in lines:
        _print(f"{prefix}{line}")


def human_name(host: Host) -> str:
    """Return what people call a host (`k8s-runner-4`), or an empty text."""
    return str(host.data.get("description") or "")


def read(host: Host, fact: type[Any], **arguments: Any) -> Any:
    """Read a fact, and raise OperationError where the state could not be read.

    pyinfra hands out a fact's default when reading failed; taken for the truth it would mean "no
    change". The facts of this project have `Unreadable` as their default instead.
    """
    # The fact's command looks at the current host, which is another one when a deploy asks across.
    # `host` may be pyinfra's proxy for the current host, which must not stand for itself.
    real_host = context.inventory.get_host(host.name)
    with context.ctx_host.use(real_host):
        value = real_host.get_fact(fact, **arguments)
    if value is Unreadable:
        raise OperationError(
            f"{host.name}: its state could not be read (fact {fact.__name__}): nothing is changed"
        )
    return value


class Unreadable:
    """The default of a fact whose state could not be read: an error, never "no change"."""


def _announce(host: Host, commands: Sequence[PyinfraCommand]) -> None:
    state = context.state
    if not commands or (state.is_executing and state.should_check_for_changes()):
        return
    conditional = bool(host.current_op_global_arguments and host.current_op_global_arguments["_if"])
    verb = "" if state.is_executing else "conditional: would " if conditional else "would "
    name = human_name(host)
    lines: list[str] = []
    for command in commands:
        changes = list(getattr(command, "changes", []))
        if changes and name:
            changes[0] = f"{changes[0]} ({name})"
        lines += [*changes, f"{verb}{_cut(_describe(command))}"]
    heading = "" if name else " ".join(state.get_op_meta(host.current_op_hash or "").names)
    report(host, lines, heading)


def _describe(command: PyinfraCommand) -> str:
    if hasattr(command, "changes"):
        return str(command)
    return f"run {command}" if isinstance(command, StringCommand) else repr(command)


def _cut(text: str) -> str:
    if len(text) <= LONGEST_COMMAND:
        return text
    return f"{text[:LONGEST_COMMAND]}… ({len(text)} characters)"


def _print(text: str) -> None:
    # pyinfra's log indents each line by four characters.
    width = shutil.get_terminal_size().columns - 4 if sys.stderr.isatty() else 0
    if len(text) <= width or not width:
        logger.info(text)
        return
    indent = " " * (len(text) - len(text.lstrip()) + 4)
    for part in textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ):
        logger.info(part)
