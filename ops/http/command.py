"""A command for a host that is an API resource: a request, or a text that is read as one."""

from collections.abc import Iterable, Mapping
from typing import Any

from pyinfra.api import StringCommand

from ops.http.request import Request


def as_request(command: StringCommand, arguments: Mapping[str, Any]) -> Request:
    """Return the request that a command is; raise OSError in words where it is none.

    + arguments: pyinfra's global ones; those that belong to a shell are refused
    """
    refused = _refuse_shell_arguments(arguments)
    if refused:
        raise OSError(refused)
    try:
        return command if isinstance(command, Request) else Request.parse(str(command))
    except ValueError as error:
        raise OSError(str(error)) from None


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
