"""The decorator of every operation: it previews each change before pyinfra sends it."""

import functools
import shutil
import sys
import textwrap
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, ParamSpec

from pyinfra import context, logger
from pyinfra.api import operation as pyinfra_operation
from pyinfra.api.arguments_typed import PyinfraOperation
from pyinfra.api.command import PyinfraCommand, StringCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

P = ParamSpec("P")
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

    return pyinfra_operation()(previewed)


def report(host: Host, lines: Sequence[str]) -> None:
    """Print lines under the name of a host, wrapped to the width of a terminal if there is one."""
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else 0
    for line in lines:
        text = f"[{host.name}] {line}"
        # pyinfra's log indents each line by four characters.
        for part in _wrapped(text, width - 4) if width else [text]:
            logger.info(part)


def human_name(host: Host) -> str:
    """Return what people call a host (`k8s-runner-4`), or an empty text."""
    return str(host.data.get("description") or "")


def read(host: Host, fact: type[Any], **arguments: Any) -> Any:
    """Read a fact, and raise OperationError where the state could not be read.

    pyinfra hands out a fact's default when reading failed; taken for the truth it would mean "no
    change". The facts of this project have `Unreadable` as their default instead.
    """
    # The fact's command looks at the current host, which is another one when a deploy asks across.
    # `host` may be pyinfra's proxy for the current host, which must not be made to stand for itself.
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
    if state.is_executing and state.should_check_for_changes():
        return
    name = human_name(host)
    conditional = bool(host.current_op_global_arguments and host.current_op_global_arguments["_if"])
    verb = "" if state.is_executing else "conditional: would " if conditional else "would "
    lines: list[str] = []
    for command in commands:
        changes = getattr(command, "changes", [])
        if changes and name:
            changes = [f"{changes[0]} ({name})", *changes[1:]]
        text = str(command) if hasattr(command, "changes") else _describe(command)
        lines += [*changes, f"{verb}{text}"]
    report(host, lines)


def _describe(command: PyinfraCommand) -> str:
    if isinstance(command, StringCommand):
        return f"run {command}"
    return repr(command)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
