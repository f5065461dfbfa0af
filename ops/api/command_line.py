"""What the command line of this run says: pyinfra 3.10 tells it to nobody but itself."""

import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from ops.api.secret_names import is_secret_name
from ops.api.shown import STARS

_parameters: dict[str, Any] = {}
_hidden: set[str] = set()


def remember(hidden: Collection[str] = ()) -> None:
    """Remember the command line; called while pyinfra loads config.py.

    + hidden: names of settings whose values may hold a secret
    """
    command = click.get_current_context(silent=True)
    _parameters.clear()
    _parameters.update(command.params if command else {})
    _hidden.clear()
    _hidden.update(hidden)


def words() -> list[str]:
    """Return the arguments as they were typed, with stars for what is or may be a secret."""
    secrets = dict(_secrets())
    return [_starred(word, secrets) for word in sys.argv[1:]]


def _secrets() -> Iterator[tuple[str, str]]:
    """Yield each argument that is not to be shown, and what stands for it."""
    for name, value in _parameters.items():
        if is_secret_name(name) and isinstance(value, str) and value:
            yield value, STARS
    for text in _parameters.get("data") or ():
        name, _, value = text.partition("=")
        # A mapping may have the name of a secret in it.
        if is_secret_name(name) or name in _hidden or value.lstrip().startswith("{"):
            yield text, f"{name}={STARS}"


def _starred(word: str, secrets: dict[str, str]) -> str:
    option, _, value = word.partition("=")
    if option.startswith("--") and value in secrets:
        return f"{option}={secrets[value]}"
    return secrets.get(word, word)


def is_dry_run() -> bool:
    """Return whether the run ends with the preview, and so changes nothing."""
    return bool(_parameters.get("dry"))


def is_json() -> bool:
    """Return whether stdout belongs to a JSON document."""
    return bool(_parameters.get("json_output"))


def is_debug() -> bool:
    """Return whether pyinfra shows its own operations, and executes none."""
    return bool(_parameters.get("debug_operations") or _parameters.get("debug_facts"))


def may_execute() -> bool:
    """Return whether the run may go on after the preview; with `--json` nobody is asked."""
    is_agreed = bool(_parameters.get("yes")) or not is_json()
    return is_agreed and not is_dry_run() and not is_debug()


def inventory() -> str:
    """Return the inventory as it was named."""
    return str(_parameters.get("inventory") or "")


def deploy_files() -> Sequence[Path]:
    """Return the deploy files that are run; none for another command."""
    names = _parameters.get("operations") or ()
    files = [Path(name) for name in names if name.endswith(".py")]
    return files if len(files) == len(names) else []
