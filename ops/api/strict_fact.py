"""The base of all facts: what could not be read is no value."""

from typing import Any

from pyinfra.api import FactBase
from typing_extensions import override

from ops.api.operation import UNREADABLE


class StrictFact(FactBase[Any]):
    """A fact whose default is `UNREADABLE`, never an empty value (`ops.api.operation.read`)."""

    @override
    @staticmethod
    def default() -> Any:
        return UNREADABLE


class CommandFact(StrictFact):
    """A fact that runs a command on a shell.

    + seconds: time limit of the command
    """

    seconds = 60
