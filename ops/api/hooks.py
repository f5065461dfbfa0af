"""Where this project hooks into the command line of pyinfra 3.10, which has no way to be asked.

pyinfra's callbacks come after it has connected at the earliest. Each hook replaces a function of
`pyinfra_cli` while pyinfra loads config.py, and says so where a later version has no such function.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
from pyinfra import __version__
from pyinfra.api.exceptions import InventoryError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from typing_extensions import override

from ops.api.console import print_line
from ops.api.settings.check import nearest
from ops.api.verdict import verdict

# A line for each problem of an inventory, given its file and what `--data` says as it was typed.
Look = Callable[[Inventory, str, Mapping[str, str]], Sequence[str]]


class ListedInventory(Inventory):
    """An inventory that remembers what its file lists: pyinfra merges a host that is there twice.

    `listed` has the names of the hosts of each group. `unnamed` says why a name is none, and then
    there are no hosts: a setting may be in it, and the look at the settings names that.
    """

    listed: Mapping[str, Sequence[str]] = {}
    unnamed = ""

    @override
    def make_hosts_and_groups(self, names: Any, groups: Any) -> None:
        """Make the hosts as pyinfra does."""
        self.listed = {
            group: [host[0] if isinstance(host, tuple) else host for host in hosts]
            for group, (hosts, _) in groups.items()
        }
        for group, listed in self.listed.items():
            if "" in listed:  # pyinfra would show a traceback.
                raise _error(f"a host of the group {group} has an empty name: give it one")
        try:
            super().make_hosts_and_groups(names, groups)
        except InventoryError as error:
            self.unnamed = str(error)
            self.hosts = {}


def before_connecting(look: Look) -> None:
    """Have an inventory looked at before pyinfra connects to its hosts, whatever the command is.

    + look: returns a line for each problem; with one, the run ends there with exit code 1
    """
    from pyinfra_cli import cli, inventory  # type: ignore[import-untyped]

    replace(inventory, "Inventory", lambda original: ListedInventory)
    replace(cli, "_set_override_data", _with_names)
    replace(cli, "make_inventory", lambda original: _looked_at(original, look))
    replace(cli, "_get_inventory_pattern_matches", lambda original: _some_matches)
    replace(cli, "_apply_inventory_exclude", _some_left)


def around_the_end(replacement: Callable[[Any], Any]) -> None:
    """Have pyinfra end a run with another function than its own.

    + replacement: takes pyinfra's `disconnect_all` and returns what is called instead
    """
    from pyinfra_cli import cli

    replace(cli, "disconnect_all", replacement)


def around_files(replacement: Callable[[Any], Any]) -> None:
    """Have pyinfra run each deploy file with another function than its own.

    + replacement: takes pyinfra's `exec_file` and returns what is called instead
    """
    from pyinfra_cli import util

    replace(util, "exec_file", replacement)


def before_printing_facts(convert: Callable[[Any], Any]) -> None:
    """Have what facts tell converted before pyinfra prints it.

    + convert: takes a mapping of the facts' names to their values on each host, and returns another
    """
    from pyinfra_cli import cli

    for name in ("print_facts", "print_facts_json"):
        replace(cli, name, lambda original: lambda facts: original(convert(facts)))


def around_the_preparation(replacement: Callable[[Any], Any]) -> None:
    """Have pyinfra prepare the hosts for a deploy file with another function than its own.

    + replacement: takes pyinfra's `load_deploy_file` and returns what is called instead
    """
    from pyinfra_cli import cli

    replace(cli, "load_deploy_file", replacement)


def after_the_preparation(callback: Callable[[], None]) -> None:
    """Have a function called when all hosts are prepared, before anybody is asked.

    + callback: what it raises ends the run there
    """
    from pyinfra_cli import cli

    def prepared(original: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            found = original(*arguments, **options)
            callback()
            return found

        return run

    replace(cli, "_handle_commands", prepared)


def around_the_execution(replacement: Callable[[Any], Any]) -> None:
    """Have pyinfra execute what is prepared with another function than its own.

    + replacement: takes pyinfra's `run_ops` and returns what is called instead
    """
    from pyinfra_cli import cli

    replace(cli, "run_ops", replacement)


def to_confirm(confirm: Callable[[str], bool]) -> None:
    """Have pyinfra ask with another function than its own.

    + confirm: takes pyinfra's question and returns whether to go on
    """
    from pyinfra_cli import cli

    replace(cli, "_do_confirm", lambda original: confirm)


def replace(module: Any, name: str, replacement: Callable[[Any], Any]) -> None:
    """Replace a function of a module or a class, or say that this pyinfra has none.

    + module, name: whose, and which
    + replacement: takes the function and returns what is called instead
    """
    if not hasattr(module, name):
        raise _error(
            f"pyinfra {__version__} has no {module.__name__}.{name}, which ops/api/hooks.py needs:"
            " use pyinfra 3.10"
        )
    setattr(module, name, replacement(getattr(module, name)))


def _looked_at(make_inventory: Callable[..., Inventory], look: Look) -> Callable[..., Inventory]:
    def make(file: str, *arguments: Any, **options: Any) -> Inventory:
        if not Path(file).exists():
            _check_hosts(file)
        found = make_inventory(file, *arguments, **options)
        unnamed = getattr(found, "unnamed", "")
        if not len(found) and not unnamed:
            raise _error(f"{file} has no hosts, so nothing was done")
        _end_with(look(found, file, dict(_typed_data())))
        if unnamed:
            raise _error(unnamed)
        return found

    return make


def _check_hosts(text: str) -> None:
    """Raise an error where a comma of the command line is not between two hosts."""
    parts = text.split(",")
    # The name of an SSH host has no `=`; what a connector takes has an @.
    odd = next((part for part in parts[1:] if "=" in part and not part.startswith("@")), None)
    why = "a host has no name" if "" in map(str.strip, parts) else f"{odd} is no host"
    if odd is not None or (len(parts) > 1 and "" in map(str.strip, parts)):
        raise _error(
            f"hosts {text}: {why}. pyinfra ends each name at a comma: leave out one that separates"
            " no hosts, and list a host whose name has a comma in an inventory file"
        )


def _with_names(set_override_data: Callable[..., Any]) -> Callable[..., Any]:
    def read(data: Iterable[str], *arguments: Any) -> Any:
        if not all("=" in text for text in data):  # pyinfra would show a traceback.
            raise _error("--data is NAME=VALUE, and one of them has no =")
        return set_override_data(data, *arguments)

    return read


def _typed_data() -> Iterator[tuple[str, str]]:
    context = click.get_current_context(silent=True)
    for text in (context.params.get("data") if context else None) or ():
        name, _, value = text.partition("=")
        yield name, value


def _end_with(problems: Sequence[str]) -> None:
    for problem in problems:
        print_line(problem, err=True)
        verdict.undone("settings", problem)
    if problems:
        count = "1 setting is" if len(problems) == 1 else f"{len(problems)} settings are"
        raise _error(
            f"{count} wrong, so nothing was connected: docs/settings.md says what is right"
        )


def _some_matches(inventory: Inventory, patterns: Iterable[str], option: str) -> list[Host]:
    """Return the hosts of groups and patterns; each must match, or what was meant is not done."""
    found: dict[Host, None] = {}
    for pattern in patterns:
        in_group = inventory.get_group(pattern, [])
        hosts = in_group or [host for host in inventory if fnmatch(host.name, pattern)]
        if not hosts:
            known = [*inventory.groups, *inventory.hosts]
            raise _error(
                f"{option} {pattern} matches no host and no group{nearest(pattern, known)}"
            )
        found |= dict.fromkeys(hosts)
    return list(found)


def _some_left(original: Callable[..., Any]) -> Callable[..., Any]:
    def apply(inventory: Inventory, limit: Any, exclude: Any) -> Any:
        found = original(inventory, limit, exclude)
        if found is not None and not found:
            raise _error("--limit and --exclude leave no host, so nothing was done")
        return found

    return apply


def _error(text: str) -> Exception:
    from pyinfra_cli.exceptions import CliError  # type: ignore[import-untyped]

    error: Exception = CliError(text)
    return error
