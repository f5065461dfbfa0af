"""The one document that stdout has with `--json`, in place of pyinfra's, however a run ends."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import click
from pyinfra.api.state import State

from ops.api import command_line, executed
from ops.api.document import document
from ops.api.hooks import replace
from ops.api.run import Run
from ops.api.verdict import verdict


def install() -> None:
    """Have runs of deploy files print the document of this project; other commands keep theirs."""
    from pyinfra_cli import cli  # type: ignore[import-untyped]

    replace(cli, "print_run_json", _of_other_commands)
    executed.install()


def document_of(run: Run, state: State | None, code: int | None) -> dict[str, Any]:
    """Return the document of a run as it is now.

    + run: what its verdict is made of
    + state: of pyinfra; None where there is none yet
    + code: the exit code; None where it goes on
    """
    has_results = run.began or run.goes_on
    results = executed.results(state) if state is not None and has_results else ()
    ended = datetime.now().astimezone()
    return document(run, verdict, results, command_line.inventory(), ended, code)


def print_document(found: Mapping[str, Any]) -> None:
    """Print the document of a run that has ended, where `--json` asks for it."""
    if command_line.is_json() and not command_line.is_debug():
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _of_other_commands(print_run_json: Callable[..., None]) -> Callable[..., None]:
    def print_it(*arguments: Any, **options: Any) -> None:
        if not command_line.deploy_files():
            print_run_json(*arguments, **options)

    return print_it
