"""The whole site at a glance. Nothing is changed."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import click
from pyinfra import context, host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import INDENT, print_line
from ops.api.hosts import has
from ops.api.once import once
from ops.api.operation import operation
from ops.api.verdict import verdict
from ops.http.watch import READ_ERRORS
from ops.site.overview import cluster, gitlab
from ops.site.overview.area import Area, in_order
from ops.site.overview.known import text_of, without_known
from ops.site.settings import Operator
from ops.site.settings.known import exceptions

# What each area of a site is called, without which groups there is none, and how it is looked at.
LOOKS: dict[str, tuple[Sequence[str], Callable[[Inventory], Area]]] = {
    "Runners": (("gitlab", "runners"), gitlab.runners),
    "Enforcer and migration": (("gitlab", "enforcer"), cluster.enforcer),
    "Pipelines": (("gitlab", "project"), gitlab.pipelines),
    "CI/CD configuration": (("project",), gitlab.ci_rules),
    "Branches": (("operator", "project"), gitlab.branches),
    "Kafka": (("kafka",), cluster.kafka),
    "Experiment configuration": (
        ("experiment_config", "project"), cluster.experiment_configuration,
    ),
    "CI/CD variables": (("project",), gitlab.variables),
    "Rights": (("cluster", "experiment_role"), cluster.rights),
}  # fmt: skip
ERRORS = (*READ_ERRORS, PyinfraError, KeyError, TypeError, AttributeError)


def areas(inventory: Inventory) -> Sequence[Area]:
    """Look at the whole site, once for a run, and print it."""
    return once("overview", lambda: _look_and_print(inventory))


@operation
def area(problems: Sequence[str], lines: Sequence[str]) -> Iterator[PyinfraCommand]:
    """
    Say whether an area of the site needs attention; the operation fails where it does.

    + problems: what needs attention
    + lines: what was seen

    It makes the overview a part of pyinfra's results: each area has a line in its table,
    and the exit code is 1 where something needs attention, also with `--dry`.

    **Example:**

    ```python
    overview.area(
        name="Runners",
        problems=["runner 5 lacks tags: fix_tags"],
        lines=["5 build-arm online {}"],
    )
    ```
    """
    if not problems:
        host.noop("; ".join(lines))
        return
    # pyinfra's exit code is that of failed hosts; nothing else tells it in a dry run.
    context.state.failed_hosts.add(context.inventory.get_host(host.name))
    yield Action("say that it needs attention", _needs_attention, changes=problems, quiet=True)


def _needs_attention(state: State, host: Host) -> bool:
    return False


def _look_and_print(inventory: Inventory) -> Sequence[Area]:
    verdict.reports = True
    seen_areas = _look(inventory)
    wanted = list(exceptions(Operator.of(inventory).known_exceptions))
    found = without_known(seen_areas, wanted, datetime.now().astimezone().date())
    for seen in found.areas:
        mark = (
            click.style("needs attention", fg="red")
            if seen.problems
            else click.style("ok", fg="green")
        )
        print_line(f"{click.style(seen.name, bold=True)}: {mark}")
        for line in seen.lines:
            print_line(f"{INDENT}{line}")
    verdict.attention += in_order(found.areas)
    verdict.known += found.known
    print_line("")
    things = len(verdict.attention)
    need = "1 thing needs" if things == 1 else f"{things} things need"
    print_line(f"{need} attention:" if things else "Nothing needs attention.")
    for problem in verdict.attention:
        print_line(f"{INDENT}{problem}")
    for known in verdict.known:
        print_line(str(known))
    if all(area.is_read for area in found.areas):  # What is not seen may be what is meant.
        for idle in found.idle:
            print_line(f"known exception that matches nothing, to be taken out: {text_of(idle)}")
    return found.areas


def _look(inventory: Inventory) -> list[Area]:
    names = [name for name, (groups, _) in LOOKS.items() if has(inventory, *groups)]

    def look(name: str) -> Area:
        try:
            return LOOKS[name][1](inventory)
        except ERRORS as error:
            unread = Area(name, is_read=False)
            unread.needs(f"{name} could not be read: {error}")
            return unread

    with ThreadPoolExecutor(max(1, len(names))) as pool:
        return list(pool.map(look, names))
