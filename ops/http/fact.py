"""The base of facts that are requests to an API."""

import json
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from pyinfra.api.exceptions import FactProcessError
from pyinfra.api.host import Host
from pyinfra.api.state import State
from typing_extensions import override

from ops.api.strict_fact import StrictFact


class ResourceFact(StrictFact):
    """Read a JSON document and pick from it what operations compare.

    A subclass gives the request in `command` and picks in `pick`. What could not be read is
    `UNREADABLE`, never an empty value (`ops.api.operation.read`). That goes also for a host that is
    no such resource: `pyinfra inventory.py fact …` asks all hosts.

    + data_key: the connector's data that a host must have
    + path_prefix: what the path of the resource must begin with
    """

    data_key = "gitlab_path"
    path_prefix = "/"

    @override
    def check_preconditions(self, state: State, host: Host) -> str | None:
        """Return why the host cannot be asked, or None."""
        path = str(host.data.get(self.data_key) or "")
        if path.startswith(self.path_prefix):
            return None
        return f"{host.name} is no resource that {self.name} could be read from"

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
