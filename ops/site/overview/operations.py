"""The whole site at a glance. Nothing is changed."""

import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import click
from pyinfra import context, host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import INDENT, print_line
from ops.api.hosts import only
from ops.api.once import once
from ops.api.operation import operation
from ops.http.watch import READ_ERRORS
from ops.kafka import sasl_chain
from ops.site.experiment import configuration
from ops.site.overview import cluster, gitlab
from ops.site.overview.area import Area
from ops.site.sasl import chain_settings

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

    It makes the overview a part of pyinfra's results: each area has a line in its table and in its
    JSON, and the exit code is 1 where something needs attention, also with `--dry`.

    **Example:**

    ```python
    overview.area(
        name="Runners",
        problems=["runner 17 lacks tags: fix_tags"],
        lines=["17 k8s-runner-4 online {}"],
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
    found = _look(inventory)
    for seen in found:
        mark = (
            click.style("needs attention", fg="red")
            if seen.problems
            else click.style("ok", fg="green")
        )
        print_line(f"{click.style(seen.name, bold=True)}: {mark}")
        for line in seen.lines:
            print_line(f"{INDENT}{line}")
    problems = [problem for seen in found for problem in seen.problems]
    print_line("")
    things = "1 thing needs" if len(problems) == 1 else f"{len(problems)} things need"
    print_line(f"{things} attention:" if problems else "Nothing needs attention.")
    for problem in problems:
        print_line(f"{INDENT}{problem}")
    return found


def _look(inventory: Inventory) -> list[Area]:
    chain = chain_settings(inventory)
    broker = only(inventory, "kafka_broker")
    links = functools.partial(sasl_chain.look, context.state, broker, login=False)
    looks = {
        "Runners": lambda: gitlab.runners(inventory),
        "Enforcer and migration": lambda: cluster.enforcer(inventory),
        "Pipelines": lambda: gitlab.pipelines(inventory),
        "CI/CD configuration": lambda: gitlab.ci_rules(inventory),
        "Branches": lambda: gitlab.branches(inventory),
        "Kafka": lambda: cluster.kafka(inventory, chain, links),
        "Experiment configuration": lambda: cluster.experiment_configuration(
            inventory, configuration.settings(inventory)
        ),
        "CI/CD variables": lambda: gitlab.variables(inventory),
        "Rights": lambda: cluster.rights(inventory),
    }

    def look(name: str) -> Area:
        try:
            return looks[name]()
        except ERRORS as error:
            return Area(name, [], [f"{name} could not be read: {error}"])

    with ThreadPoolExecutor(len(looks)) as pool:
        return list(pool.map(look, looks))
