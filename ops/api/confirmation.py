"""The question before a run executes something: it says what, and is not asked for nothing."""

import sys

import click
from pyinfra import context

AT_THE_PLAN = "Detected changes displayed above"  # how pyinfra 3.10 begins that question


def confirm(question: str) -> bool:
    """Return whether to go on; stands for the function of pyinfra that waits for the key Enter.

    + question: pyinfra's; after the plan it is replaced with one that says what will be executed

    Where nothing is to be executed nobody is asked, and where nobody sits at a terminal the run
    ends with exit code 1: pyinfra shows a traceback of an EOFError there.
    """
    if not question.startswith(AT_THE_PLAN):  # A host has failed, in the plan or before.
        text = f"    {question.removesuffix(', continue?')}. Go on without them?"
        return click.confirm(text, default=False, err=True)
    operations, hosts = _planned()
    if not operations:
        return False  # The verdict says so.
    what = f"{_count(operations, 'operation')} on {_count(hosts, 'host')}"
    if not sys.stdin or not sys.stdin.isatty():
        from pyinfra_cli.exceptions import CliError  # type: ignore[import-untyped]

        raise CliError(
            f"{what} would be executed, and there is no terminal to ask on: add -y (or --dry)"
        )
    click.echo(err=True)
    if click.confirm(f"    Execute {what}, as shown above?", default=True, err=True):
        return True
    click.echo("    Nothing was executed.", err=True)
    return False


def _planned() -> tuple[int, int]:
    """Return how many operations would be executed, and on how many hosts."""
    found = [
        (op_hash, host)
        for host, operations in context.state.ops.items()
        for op_hash, data in operations.items()
        if data.operation_meta._maybe_is_change
    ]
    return len({op_hash for op_hash, _ in found}), len({host for _, host in found})


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
