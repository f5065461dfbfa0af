"""The deploys of this repository as jobs: what each acts on, and one as a part of another one."""

import inspect
from collections.abc import Collection
from typing import Any

import gevent
from pyinfra import context, host
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host

from ops.api.console import print_line
from ops.api.hosts import has
from ops.api.once import once

LOOK_AGAIN = 0.1  # seconds

_acting: set[str] = set()
_reached: set[tuple[int, str, str]] = set()  # the inventory, the job, the host


class NothingToActOn(PyinfraError):
    """No host of this run is one that the job acts on."""


def acts_on(*groups: str, needs: Collection[str] = ()) -> None:
    """Declare the groups on whose hosts a deploy acts; the first thing that a deploy file says.

    + groups: names of groups of the inventory; a group may be missing there
    + needs: the ones without which a site has no use for the job, also where `--limit` leaves
      their hosts out

    Raises NothingToActOn where the inventory or `--limit` leaves no host of them: called by name,
    the job ends with exit code 1, because nothing done is no success. Run by `job`, it is left out
    with a note.
    """
    missing = [group for group in needs if not has(context.inventory, group)]
    if missing:
        text = f"{_caller()} needs hosts of {', '.join(missing)}, and the inventory has none"
        raise NothingToActOn(f"{text}: nothing was done")
    hosts = [found for group in groups for found in context.inventory.get_group(group, [])]
    if any(context.state.is_host_in_limit(found) for found in hosts):
        return
    why = "--limit leaves out all of them" if hosts else "the inventory has none"
    text = f"{_caller()} acts on hosts of {', '.join(groups)}, and {why}: nothing was done"
    raise NothingToActOn(text)


def _caller() -> str:
    # pyinfra's `current_exec_filename` is shared by all hosts, which run their deploys at once.
    frame = inspect.currentframe()
    deploy = frame.f_back.f_back if frame and frame.f_back else None
    return str(deploy.f_globals.get("__file__", "the deploy")) if deploy else "the deploy"


def job(name: str, after: str = "", **data: Any) -> None:
    """Run a deploy file; its operations are named `NAME | OPERATION`.

    + name: of the file in deploys/, without its ending
    + after: the group whose hosts have prepared all jobs before this one first, because its
      preview says what theirs leave unknown
    + data: data for this deploy, where the host has none of that name

    A job that has no host to act on is left out with a note. pyinfra's `local.include` does the
    same, and puts the whole path before each name. Calls must stand on lines of their own: the
    order of operations across hosts is that of the lines.
    """
    from pyinfra_cli.util import exec_file  # type: ignore[import-untyped]

    _reached.add(_key(name, host.name))
    if after:
        _wait_for(name, after)
    with host.deploy(name, None, data, in_deploy=False):
        try:
            exec_file(f"deploys/{name}.py")
        except NothingToActOn as error:
            text = str(error)
            once(text, lambda: print_line(text))
            return
    _acting.add(name)


def _key(name: str, host_name: str) -> tuple[int, str, str]:
    return id(context.inventory), name, host_name


def _wait_for(name: str, group: str) -> None:
    # Hosts run the deploy at once; with `--parallel 1` they do not, and waiting would not end.
    if context.state.pool.size < 2:
        return
    for other in context.inventory.get_group(group, []):
        # No Event: in gevent 26.9 its `wait` may not return when another one's time is just over.
        while other in _at_work() and _key(name, other.name) not in _reached:
            gevent.sleep(LOOK_AGAIN)


def _at_work() -> set[Host]:
    # A host that cannot be read goes no further, and is no reason to wait.
    return set(context.inventory.get_active_hosts()) - context.state.failed_hosts


def some_job_acts() -> None:
    """Raise NothingToActOn where none of the jobs before had a host to act on."""
    if not _acting:
        raise NothingToActOn("no job has a host to act on, so nothing was done")
