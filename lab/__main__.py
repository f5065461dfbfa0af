"""`python -m lab run -- COMMAND`, `python -m lab serve` and `python -m lab requests`."""

import asyncio
import json
import os
import shlex
import signal
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from lab.site import dedup, small
from lab.site.control import Control
from lab.site.copied import copy
from lab.site.environment import write_environment
from lab.site.site import Site

SITES = {"dedup": dedup.DESCRIPTION, "small": small.DESCRIPTION}
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
Work = Callable[[dict[str, str], asyncio.Event], Awaitable[int]]

_site = click.option(
    "--site", type=click.Choice(list(SITES)), default="dedup", show_default=True, help="Which one."
)
_minute = click.option(
    "--minute", default=30.0, show_default=True, help="Seconds of a cron minute."
)
_speed = click.option(
    "--speed", default=1.0, show_default=True, help="Seconds of the site that pass in one of ours."
)


@click.group()
def main() -> None:
    """A practice site on this machine: GitLab, Kubernetes and SSH, broken like the real one was."""


@main.command(context_settings={"ignore_unknown_options": True})
@_site
@_minute
@_speed
@click.option(
    "--inventory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Run COMMAND in a copy of this repository with inventory.py and group_data/ from there.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    site: str, minute: float, speed: float, inventory: Path | None, command: tuple[str, ...]
) -> None:
    """Start the site, run COMMAND with an environment that points at it, stop everything.

    \b
    python -m lab run -- pyinfra inventory.py deploys/fix_tags.py --dry
    python -m lab run --site small --inventory examples/small -- sh lab/site/demo.sh
    """

    async def work(environment: dict[str, str], stop: asyncio.Event) -> int:
        clean = {k: v for k, v in os.environ.items() if k.lower() not in PROXIES}
        folder = None
        if inventory is not None:
            folder = Path(environment["LAB_DIRECTORY"], "copy")
            environment = environment | copy(inventory, folder)
        process = await asyncio.create_subprocess_exec(
            *command, env=clean | environment, cwd=folder
        )
        stopped = asyncio.create_task(stop.wait())
        ended = asyncio.create_task(process.wait())
        await asyncio.wait([stopped, ended], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not ended.done():
            process.send_signal(signal.SIGTERM)
        code = await ended
        return code if code >= 0 else 128 - code

    sys.exit(_with_site(site, minute, speed, work, forward_interrupt=True))


@main.command()
@_site
@_minute
@_speed
@click.option("--environment-file", type=click.Path(path_type=Path), help="Write it as JSON, too.")
@click.option("--parent-pid", type=int, help="End when this process is gone.")
def serve(
    site: str,
    minute: float,
    speed: float,
    environment_file: Path | None,
    parent_pid: int | None,
) -> None:
    """Start the site and keep it up; print what to export in another shell."""

    async def work(environment: dict[str, str], stop: asyncio.Event) -> int:
        for name, value in environment.items():
            click.echo(f"export {name}={shlex.quote(value)}")
        if environment_file is not None:
            write_environment(environment, environment_file)
        while not stop.is_set() and (parent_pid is None or _exists(parent_pid)):
            try:
                await asyncio.wait_for(stop.wait(), 1)
            except TimeoutError:
                continue
        return 0

    sys.exit(_with_site(site, minute, speed, work, forward_interrupt=False))


@main.command()
@click.argument("document")
def fault(document: str) -> None:
    """Bring about a fault, given as JSON (in `run`, or LAB_URL); lab/README.md lists them."""
    request = urllib.request.Request(f"{_url()}/faults", document.encode())
    request.add_header("Content-Type", "application/json")
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except urllib.error.HTTPError as error:
        raise click.ClickException(f"{document}: {error.read().decode()[:300]}") from None


@main.command()
@click.option("--mutating", is_flag=True, help="Only requests that change something.")
def requests(mutating: bool) -> None:
    """Print the requests that the site has received so far, a line each (in `run`, or LAB_URL)."""
    query = "?mutating=true" if mutating else ""
    with urllib.request.urlopen(f"{_url()}/requests{query}", timeout=30) as answer:
        for entry in json.load(answer):
            click.echo(f"{entry['system']}: {entry['method']} {entry['path']}")


def _url() -> str:
    url = os.environ.get("LAB_URL")
    if not url:
        raise click.UsageError("LAB_URL is not set: there is no practice site here")
    return url


def _with_site(name: str, minute: float, speed: float, work: Work, forward_interrupt: bool) -> int:
    async def session(directory: Path) -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        # On a terminal Ctrl-C reaches the command as well, which decides when it ends.
        loop.add_signal_handler(signal.SIGINT, (lambda: None) if forward_interrupt else stop.set)
        site = Site(SITES[name], directory, minute, speed, lambda site: Control(site).app)
        try:
            return await work(await site.start(), stop)
        finally:
            await site.stop()

    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as directory:
        return asyncio.run(session(Path(directory)))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    main()
