"""The base of facts that are requests to an API."""

import json
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from pyinfra.api import FactBase
from pyinfra.api.exceptions import FactProcessError
from typing_extensions import override

from ops.api.operation import Unreadable


class ResourceFact(FactBase[Any]):
    """Read a JSON document and pick from it what operations compare.

    A subclass gives the request in `command` and picks in `pick`. What could not be read is
    `Unreadable`, never an empty value (`ops.api.operation.read`).
    """

    @override
    @staticmethod
    def default() -> Any:
        return Unreadable

    @abstractmethod
    def pick(self, document: Any) -> Any:
        """Return what the document says; raise KeyError or TypeError where it has another form."""

    @override
    def process(self, output: Iterable[str]) -> Any:
        """Decode the API's answer."""
        try:
            return self.pick(json.loads("\n".join(output)))
        except (ValueError, KeyError, TypeError) as error:
            raise FactProcessError(f"the answer has an unknown form ({error!r})") from None
