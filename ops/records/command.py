"""`runs`: what was run here, when, by whom, and what it came to. It changes no record."""

import os
import runpy
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from ops.api.visible import one_line
from ops.records import view
from ops.records.chain import problems
from ops.records.comparison import differences
from ops.records.directory import BELOW_STATE, REPORT, Records
from ops.records.names import named
from ops.records.undoing import undo_command

LAST = "last"
_ALL = Path("group_data/all.py")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    help="Where the records are; without it what group_data/all.py of this folder says.",
)
@click.pass_context
def main(context: click.Context, directory: Path | None) -> None:
    """Show the records of runs (docs/records.md).

    A RECORD is its name or a part of it that no other one has, its number, or `last`.
    """
    context.obj = Records(directory or _directory())


@main.command("list")
@click.option("--job", help="Only those of a job, such as fix_tags.")
@click.option("--count", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@click.pass_obj
def list_(records: Records, job: str | None, count: int) -> None:
    """List the records, the newest one last."""
    from tabulate import tabulate

    rows = [view.row(record) for record in _all(records) if job in (None, record["run"]["job"])]
    if not rows:
        _fail(f"there is no record in {records.path}" + (f" of {job}" if job else ""))
    for line in tabulate(rows[-count:], view.HEADERS, disable_numparse=True).splitlines():
        click.echo(one_line(line.rstrip()))


@main.command()
@click.argument("record", default=LAST)
@click.pass_obj
def show(records: Records, record: str) -> None:
    """Show what a run has changed, proven and left."""
    name = _name(records, record)
    report = records.file(name).with_name(REPORT)
    path = str(report) if report.exists() else ""
    for line in view.lines(_read(records, name), str(records.file(name)), path):
        click.echo(one_line(line))


@main.command()
@click.argument("record")
@click.argument("other", default=LAST)
@click.pass_obj
def compare(records: Records, record: str, other: str) -> None:
    """Show what is different in another run, the last one by default; exit code 1 where there is.

    What only RECORD has begins with -, what only OTHER has with +.
    """
    first, second = (_read(records, _name(records, name)) for name in (record, other))
    found = list(differences(first["run"], second["run"]))
    for line in found:
        click.echo(one_line(line))
    if found:
        sys.exit(1)


@main.command()
@click.argument("record", default=LAST)
@click.pass_obj
def path(records: Records, record: str) -> None:
    """Print the path of a record."""
    click.echo(str(records.file(_name(records, record))))


@main.command()
@click.argument("record", default=LAST)
@click.option("--html", "form", flag_value="html", help="Print the page; nothing is written.")
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown for a ticket.")
@click.pass_obj
def report(records: Records, record: str, form: str | None) -> None:
    """Make the report of a run out of its record again, and print its path."""
    from ops.records.report import html, markdown

    name = _name(records, record)
    found = _read(records, name)
    try:
        if form is None:
            click.echo(str(records.write_report(name, found)))
        else:
            click.echo({"html": html, "markdown": markdown}[form](found))
    except OSError as error:
        _fail(f"{error.strerror or error}; without a file: runs report --html")
    except (KeyError, TypeError, ValueError) as error:
        _fail(f"{records.file(name)} is not as a run leaves it: {type(error).__name__}: {error}")


@main.command()
@click.argument("record")
@click.pass_obj
def undo(records: Records, record: str) -> None:
    """Print the command that shows what would take back what a run has changed."""
    found = _read(records, _name(records, record))
    click.echo(one_line(undo_command(found)))


@main.command()
@click.option("--has", metavar="DIGEST", help="The digest of a record, as it was noted elsewhere.")
@click.pass_obj
def verify(records: Records, has: str | None) -> None:
    """Look whether a record was edited, removed or put elsewhere; exit code 1 where one was."""
    if not records.path.is_dir():
        _fail(f"there is no record in {records.path}")
    try:
        with records.lock(shared=True):
            chain = records.chain()
            found = {name: records.found(name) for name in records.names()}
    except (OSError, ValueError) as error:
        _fail(str(error))
    lines = list(problems(chain, found))
    if has and has not in {chain.before.digest, *(link.digest for link in chain.records)}:
        lines.append(f"no record has the digest {has}")
    for line in lines:
        click.echo(one_line(line))
    if lines:
        sys.exit(1)
    said = "1 record is" if len(chain.records) == 1 else f"{len(chain.records)} records are"
    click.echo(f"{said} as before; the last one has the digest {chain.head.digest}")


def _directory() -> Path:
    """Return where a run in this folder keeps its records."""
    if _ALL.exists():
        found = str(runpy.run_path(str(_ALL)).get("record_directory") or "")
    else:
        state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
        found = os.environ.get("RECORD_DIRECTORY") or f"{state}/{BELOW_STATE}"
    if not found:
        _fail(f"{_ALL} says that there are no records: name a directory with --directory")
    return Path(found).expanduser()


def _all(records: Records) -> list[dict[str, Any]]:
    found = []
    for name in records.names():
        try:
            found.append(records.read(name))
        except (OSError, ValueError):
            click.echo(f"{records.file(name)} cannot be read: runs verify", err=True)
    return sorted(found, key=lambda record: str(record["run"]["began"]))


def _read(records: Records, name: str) -> dict[str, Any]:
    try:
        return records.read(name)
    except (OSError, ValueError) as error:
        _fail(getattr(error, "strerror", None) or str(error))


def _name(records: Records, wanted: str) -> str:
    """Return the name of a record out of what stands for it on the command line."""
    if wanted == LAST:
        found = [str(record["id"]) for record in _all(records)[-1:]]
        return found[0] if found else _fail(f"there is no record {LAST} in {records.path}")
    try:
        return named(records, wanted)
    except ValueError as error:
        _fail(str(error))


def _fail(text: str) -> NoReturn:
    raise click.ClickException(one_line(text))
