"""The one document that stdout has with `--json`, in place of pyinfra's, however a run ends."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from pyinfra.api.state import State

from ops.api import command_line, executed
from ops.api.document import document
from ops.api.hooks import replace
from ops.api.verdict import Run, verdict


def install() -> None:
    """Have runs of deploy files print the document of this project; other commands keep theirs."""
    from pyinfra_cli import cli  # type: ignore[import-untyped]

    replace(cli, "print_run_json", _of_other_commands)
    executed.install()


def print_document(run: Run, state: State | None, code: int) -> None:
    """Print the document of a run that has ended, where `--json` asks for it.

    + run: what its verdict was made of
    + state: of pyinfra; None where there is none yet
    + code: the exit code
    """
    if not command_line.is_json() or command_line.is_debug():
        return
    results = executed.results(state) if state is not None and run.began else ()
    ended = datetime.now().astimezone()
    found = document(run, verdict, results, command_line.inventory(), ended, code)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _of_other_commands(print_run_json: Callable[..., None]) -> Callable[..., None]:
    def print_it(*arguments: Any, **options: Any) -> None:
        if not command_line.deploy_files():
            print_run_json(*arguments, **options)

    return print_it
