"""What the tests of undo share."""

import difflib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab_process import Lab, Pyinfra
from moments import TAGS
from record_files import names
from whole_state import whole_state

APPROVAL = ("--data", "allow_tag_removal=true")
# Of what has no reverse.
OTHERS = ("files", "branches at the head", "active at the head", "started migrations", "tables",
          "migrations")  # fmt: skip


def state(lab: Lab) -> dict[str, Any]:
    """Return the state of all that an undo can take back."""
    found = {name: part for name, part in whole_state(lab).items() if name not in OTHERS}
    return {name: _without_managers(part) for name, part in found.items()}


def _without_managers(part: Any) -> Any:
    """Leave out who has written a field last."""
    if isinstance(part, dict):
        found = {n: _without_managers(one) for n, one in part.items() if n != "managedFields"}
        # An API server leaves an empty map out, as if there was none.
        return {n: one for n, one in found.items() if n != "annotations" or one}
    return [_without_managers(one) for one in part] if isinstance(part, list) else part


def is_state(lab: Lab, wanted: dict[str, Any]) -> None:
    """See that all is in a state, and say line by line what is not."""
    texts = [json.dumps(one, indent=1, sort_keys=True, default=str) for one in (wanted, state(lab))]
    lines = difflib.unified_diff(*(text.splitlines() for text in texts), n=2, lineterm="")
    found = "\n".join(lines)
    assert not found, found


def runners_have_some(lab: Lab) -> None:
    """Have each runner lack all tags but one: GitLab would not take that it has none again."""
    for number, tags in TAGS.items():
        lab.fault(action="set_tags", runner=number, tags=sorted(tags)[:1])


def last(pyinfra: Pyinfra) -> str:
    """Return the name of the newest record."""
    return names(Path(pyinfra.environment["RECORD_DIRECTORY"]))[-1]


def undo(pyinfra: Pyinfra, record: str, *arguments: str) -> tuple[int, str]:
    """Undo the run of a record."""
    return pyinfra.run("inventory.py", "deploys/undo.py", "--data", f"record={record}", *arguments)


def undone(
    lab: Lab, pyinfra: Pyinfra, job: str, *arguments: str, before: Sequence[str] = ()
) -> str:
    """Run a job, see that an undo has all as before, and return what its preview says.

    + arguments: of the undo
    + before: of the job
    """
    was = state(lab)
    code, output = pyinfra.deploy(job, "-y", *before)
    assert code == 0, output
    assert state(lab) != was
    record, sent = last(pyinfra), lab.mutations()

    code, preview = undo(pyinfra, record, "--dry", "-v", *arguments)
    assert code == 0, preview
    assert lab.mutations() == sent

    code, output = undo(pyinfra, record, "-y", *arguments)
    assert code == 0, output
    assert "Done: undo" in output
    is_state(lab, was)
    assert lab.mutations() != sent

    sent = lab.mutations()
    code, output = undo(pyinfra, record, "-y", *arguments)
    assert code == 0, output
    assert "No changes: " in output
    assert lab.mutations() == sent
    return preview
