"""Evidence for a change: read from the logs of CI jobs, and kept as a file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report_problem
from ops.api.operation import operation
from ops.shell.local_file import write_private
from ops.site import proof_file
from ops.site.log_evidence import Rules as Rules
from ops.site.proof import Arrivals, find, show
from ops.site.proof import Search as Search

# Files of the proofs that hold in this run, and of changes that are there already.
_kept: set[str] = set()
_needless: set[str] = set()


@operation
def file(
    file: str,
    search: Search,
    change: Callable[[], Mapping[str, Any] | None],
    arrivals: Arrivals | None = None,
    required: bool = True,
) -> Iterator[PyinfraCommand]:
    """
    Find a proof in the logs of CI jobs, and keep it as a file before the change that it allows.

    + file: path of a JSON file on the operator's machine; its directory is made when missing
    + search: where to look, and for what
    + change: returns what is changed, to be kept with the proof; None where nothing has to be. It
      is asked again when the operation is executed
    + arrivals: returns how many messages arrived in each topic from one moment to another; in each
      some must have arrived while the job ran. None: the log alone decides
    + required: whether it is an error when there is no proof; otherwise it is looked for again when
      the operation is executed, and `is_kept` tells

    Raises OperationError in words where a required proof is not there.

    **Example:**

    ```python
    evidence.file(
        name="Keep the proof",
        file="evidence/super_users.json",
        search=evidence.Search(
            project="@gitlab/projects/42", ref="main", since="3719896", jobs="experiment:kafka",
            rules=evidence.Rules("producer ready", "producer", [":9092"], ["brokers are down"]),
        ),
        change=lambda: {"super_users": "User:ANONYMOUS"},
    )
    ```
    """
    _kept.discard(file)
    _needless.discard(file)
    what = change()
    if what is None:
        _needless.add(file)
        if proof_file.incomplete(
            file
        ):  # A run that was killed has made the change and not seen its end.
            _kept.add(file)
        host.noop("nothing has to be proven")
        return
    try:
        proof = find(search, arrivals)
    except OperationError as error:
        if required:
            raise
        report_problem(host, [str(error)])
        unproven = Action("look for the proof again, and keep it if it is there", _no_proof)
        unproven.unknown_until_run = True
        yield unproven
        return
    text = proof_file.text({**asdict(proof), **what})
    yield Action(f"keep the proof in {file}", _keep, file, text, changes=[show(proof)])


def is_kept(file: str) -> Callable[[], bool]:
    """Return a condition for `_if=`: the change is proven, and the proof is kept in the file."""
    return lambda: file in _kept


def is_kept_or_needless(file: str) -> Callable[[], bool]:
    """Return a condition for `_if=`: the change is proven, or there is nothing to change."""
    return lambda: file in _kept or file in _needless


def _keep(state: State, host: Host, file: str, text: str) -> bool:
    try:
        write_private(Path(file), text)
    except OSError as error:
        report_problem(host, [f"the proof cannot be kept in {file}: {error.strerror}"])
        return False
    _kept.add(file)
    return True


def _no_proof(state: State, host: Host) -> bool:
    return True
