"""The runners of the inventory, and their live settings."""

from collections.abc import Mapping
from typing import Any

from pyinfra import context
from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from ops.api.console import print_line
from ops.api.once import once
from ops.api.operation import read
from ops.gitlab.facts.runners import Runners
from ops.gitlab.runners.operations import check_tag_removal, mass_wipe

FIRST = "First: deploys/fix_tags.py"


def tag_table(inventory: Inventory) -> dict[int, set[str]]:
    """Return the tags of each runner of the inventory by its id: the one table of this site."""
    runners = inventory.get_group("runners", [])
    return {runner_id(runner): set(runner.data.tags) for runner in runners}


def runner_id(host: Host) -> int:
    """Return the id of the runner that a host is."""
    return int(host.data.gitlab_path.rpartition("/")[2])


def live_runners(host: Host) -> Mapping[int, Mapping[str, Any]]:
    """Read the settings of all runners once for a run, and see that they are the inventory's.

    + host: any resource of GitLab, which is asked
    """
    return once("live runners", lambda: _live_runners(host))


def _live_runners(host: Host) -> Mapping[int, Mapping[str, Any]]:
    runners: Mapping[int, Mapping[str, Any]] = read(host, Runners)
    check_names(context.inventory, runners)
    return runners


def check_names(inventory: Inventory, live: Mapping[int, Mapping[str, Any]]) -> None:
    """Raise OperationValueError where an id of the inventory is another runner than it says.

    + inventory: has the id and the description of each runner
    + live: settings of all runners of the installation, by id

    Tags on the wrong runner send jobs to a machine that cannot do them.
    """
    for runner in inventory.get_group("runners", []):
        number, name = runner_id(runner), runner.data.description
        if number not in live:
            continue  # The host itself has reported that.
        if live[number]["description"] != name:
            raise OperationValueError(
                f"{runner.name} is {live[number]['description']!r} in GitLab, and {name!r} in the"
                " inventory: correct the id or the description there"
            )
        same = sorted(n for n, settings in live.items() if settings["description"] == name)
        if len(same) > 1:
            raise OperationValueError(
                f"runners {same} are all called {name!r}, so it is not certain which one is meant:"
                " rename or remove the others in GitLab"
            )


def check_removal(host: Host) -> bool:
    """Return whether tags may be taken away from the runner that a host is.

    Only GitLab is asked, so that tags can be set while the cluster is down. Raises
    OperationValueError where the runner has a tag too many and there is no approval; with -y the
    operation itself would find that out after other runners were changed.
    """
    allowed = bool(host.data.allow_tag_removal)
    live = live_runners(host).get(runner_id(host))
    if live is not None:
        check_tag_removal(host, set(live["tag_list"]), set(host.data.tags), allowed)
    return allowed


def name_cause(host: Host) -> None:
    """Print once for a run that GitLab has lost the tags of all runners, where it has.

    + host: any resource of GitLab, which is asked

    That is the cause of jobs that wait, and is named before them.
    """
    live = once("runners, for the cause", lambda: read(host, Runners))
    diagnosis = mass_wipe(tag_table(context.inventory), live)
    if diagnosis:
        once(diagnosis, lambda: print_line(f"{diagnosis} {FIRST}"))
