"""The file of a saved plan: a preview writes it, and a run with it does exactly this or nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pyinfra import context
from pyinfra.api.inventory import Inventory

from ops.api import command_line, hooks
from ops.api.console import print_line
from ops.api.plan import plan
from ops.api.plan_view import show_plan
from ops.api.saved_plan import SavedPlan, differences, from_text, planned, to_text
from ops.api.verdict import verdict
from ops.api.visible import one_line
from ops.shell.local_file import unwritable, write_private


def install() -> None:
    """Have a plan kept by a preview, and compared by a run; called while config.py is loaded."""
    hooks.after_the_preparation(lambda: _keep_or_compare(_name(context.inventory)))


def problems(inventory: Inventory) -> list[str]:
    """Return why a file is none that this run can use, before anything is connected.

    + inventory: of the run, which may lack other settings
    """
    name = _name(inventory)
    if not name:
        return []
    path = Path(name).expanduser()
    if not command_line.deploy_files():
        return [f"plan={name} is for deploy files: leave it out here"]
    if path.exists() or not command_line.is_dry_run():
        try:
            kept = from_text(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            return [f"plan={name} is no saved plan ({_reason(error)}): name another file"]
        if not command_line.is_dry_run():
            return _of_another_run(name, kept)
    if reason := unwritable(path):
        return [f"plan={name}: {reason}"]
    return []


def _name(inventory: Inventory) -> str:
    """Return the setting `plan`, which every host has; an empty text where it is not given."""
    host = next(iter(inventory), None)
    return str(host.data.get("plan") or "") if host else ""


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _of_another_run(name: str, kept: SavedPlan) -> list[str]:
    pairs = (
        (", ".join(kept.jobs), ", ".join(_jobs())),
        (kept.inventory, command_line.inventory()),
    )
    return [
        f"plan={name} is a plan of {then}, and this is a run of {now}: name another one, or make"
        " one with --dry"
        for then, now in pairs
        if then != now
    ]


def _jobs() -> list[str]:
    return [file.stem for file in command_line.deploy_files()]


def _keep_or_compare(name: str) -> None:
    if not name or not command_line.deploy_files():
        return
    path = Path(name).expanduser()
    show_plan()
    if command_line.is_dry_run():
        _keep(path)
    else:
        _compare(path)


def _keep(path: Path) -> None:
    if context.state.failed_hosts:
        reason = "no plan was written, because the preview has failed"
        print_line(f"{path}: {reason}", err=True)
        verdict.undone(str(path), reason)
        return
    made = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %Z}"
    kept = SavedPlan(
        jobs=_jobs(),
        inventory=command_line.inventory(),
        made=made,
        planned=planned(verdict.steps),
    )
    write_private(path, to_text(kept))
    print_line(f"The plan is written to {path}: a run with it does exactly this, or nothing")


def _compare(path: Path) -> None:
    kept = from_text(path.read_text(encoding="utf-8"))
    found = differences(kept.planned, planned(verdict.steps))
    if found:
        _say(path, kept, found)
        verdict.moved += found
        raise _error(f"what would be done is no longer what {path} says")
    plan.is_binding = True


def _error(text: str) -> Exception:
    from pyinfra_cli.exceptions import CliError  # type: ignore[import-untyped]

    error: Exception = CliError(text)
    return error


def _say(path: Path, kept: SavedPlan, found: Mapping[str, Sequence[str]]) -> None:
    print_line(f"Between {path}, made {kept.made}, and now:", err=True)
    for place, lines in found.items():
        for line in (place, *lines):
            print_line(f"    {one_line(line)}", err=True)
