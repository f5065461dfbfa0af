"""What an undo leaves: changes without a reverse, and hosts that are not in this run."""

from collections.abc import Collection

from pyinfra import context
from pyinfra.api.inventory import Inventory

from ops.api.console import print_line
from ops.api.once import once
from ops.api.verdict import verdict
from ops.site.job import NothingToActOn
from ops.site.undo.choice import Run


def acts(inventory: Inventory, run: Run) -> None:
    """Say what is not undone; raise NothingToActOn where no host of this run was changed.

    + inventory: of this run
    + run: that is to be undone
    """
    once("what is not undone", lambda: report_rest(inventory, run))
    names = {target.host for targets in run.steps.values() for target in targets}
    if names and not any(_is_here(inventory, name) for name in names):
        raise NothingToActOn(f"record {run.name} is of {', '.join(sorted(names))}: no such host")


def report_rest(inventory: Inventory, run: Run) -> None:
    """Say what is not undone, with the reason, and have it in the verdict."""
    if run.was_killed:
        print_line(f"The run of record {run.name} was killed: what it has sent last is looked at")
    for never in run.never:
        _say(never.host, f"{never.operation}: {never.reason}")
    for name in sorted({target.host for targets in run.steps.values() for target in targets}):
        if name not in _names(inventory):
            _say(name, "it is in no inventory of this run: nothing of it is undone")


def _say(host: str, text: str) -> None:
    print_line(f"[{host}] not undone: {text}")
    verdict.undone(host, f"not undone: {text}")


def _is_here(inventory: Inventory, name: str) -> bool:
    if name not in _names(inventory):
        return False
    return bool(context.state.is_host_in_limit(inventory.get_host(name)))


def _names(inventory: Inventory) -> Collection[str]:
    return {host.name for host in inventory}
