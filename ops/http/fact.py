"""The base of facts that are requests to an API."""

import json
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State
from typing_extensions import override

from ops.api.form import check
from ops.api.strict_fact import StrictFact


class ResourceFact(StrictFact):
    """Read a JSON document and pick from it what operations compare.

    A subclass gives the request in `command` and picks in `pick`. What could not be read is
    `UNREADABLE`, never an empty value (`ops.api.operation.read`). That goes also for a host that is
    no such resource: `pyinfra inventory.py fact …` asks all hosts.

    + form: the type of the answer, as far as something relies on it (`ops.api.form`)
    + data_key: the connector's data that a host must have
    + path_prefix: what the path of the resource must begin with
    """

    form: Any = Any
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
        """Return what the document, which has the form, says."""

    @override
    def parse(self, output: Iterable[str]) -> Any:
        document = json.loads("\n".join(output))
        check(document, self.form)
        return self.pick(document)
