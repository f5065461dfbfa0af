"""The base of all facts: what could not be read is no value."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, final

from pyinfra.api import FactBase
from pyinfra.api.exceptions import FactProcessError
from typing_extensions import override

from ops.api.form import WrongForm
from ops.api.operation import UNREADABLE
from ops.api.unexpected import brief


class StrictFact(FactBase[Any]):
    """A fact whose default is `UNREADABLE`, never an empty value (`ops.api.operation.read`).

    A subclass reads the lines of the answer in `parse`. What that raises, whatever it is, means
    that the answer has another form than is known; `process` says so.
    """

    @override
    @staticmethod
    def default() -> Any:
        return UNREADABLE

    @abstractmethod
    def parse(self, output: Iterable[str]) -> Any:
        """Return what the answer says; raise anything where it has another form."""

    @final
    @override
    def process(self, output: Iterable[str]) -> Any:
        """Read the answer; raise FactProcessError, which shows no value, where it is odd."""
        try:
            return self.parse(output)
        except FactProcessError:
            raise
        except Exception as error:
            reason = str(error) if isinstance(error, WrongForm) else brief(error)
            fact = type(self).__name__
            raise FactProcessError(
                f"the answer for {fact} has an unknown form ({reason}), so nothing is known"
            ) from None


class CommandFact(StrictFact):
    """A fact that runs a command on a shell.

    + seconds: time limit of the command
    """

    seconds = 60
