"""The settings of the lock, which every host has; those of the command line have the defaults."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta
from pyinfra.api.inventory import Inventory

from ops.api import command_line
from ops.api.settings.kinds import LONGEST, Kind, PathOrEmpty, Seconds
from ops.api.settings.typed import Wrong, typed
from ops.shell.local_file import unwritable

# Jobs that look, and what they find is the result: others may be at work meanwhile.
LOOKING = frozenset({"overview", "verify_kafka_sasl", "windows"})
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
LockName = Annotated[
    str,
    Meta(max_length=63, pattern=rf"^({_LABEL})?$"),
    Kind("a name of small letters, digits and dashes, or empty"),
]
LockSeconds = Annotated[
    int, Meta(ge=5, le=86_400), Kind("a whole number from 5 to 86400", unit="s")
]
Wait = Annotated[
    Annotated[int, Meta(ge=0, le=LONGEST)] | Annotated[float, Meta(ge=0, le=LONGEST)],
    Kind("a number, 0 or greater", unit="s"),
]
NAME, DIRECTORY, NAMESPACE = "site-operations", "~/.local/state/site-operations", "default"
SECONDS, WAIT, INTERVAL = 120, 0, 5
_SETTINGS: dict[str, tuple[str, Any, Any]] = {
    "name": ("lock_name", LockName, NAME),
    "directory": ("lock_directory", PathOrEmpty, DIRECTORY),
    "namespace": ("lock_namespace", LockName, NAMESPACE),
    "seconds": ("lock_seconds", LockSeconds, SECONDS),
    "wait": ("wait", Wait, WAIT),
    "interval": ("watch_interval", Seconds, INTERVAL),
}


@dataclass(frozen=True)
class LockSettings:
    """What docs/settings.md says of the lock, by shorter names."""

    name: str
    directory: str
    namespace: str
    seconds: int
    wait: float
    interval: float


def of(inventory: Inventory) -> LockSettings | None:
    """Return the settings; None where one is wrong, which is named with what else is."""
    host = next(iter(inventory), None)
    found = {}
    for field, (name, annotation, default) in _SETTINGS.items():
        try:
            value = host.data.get(name, default) if host else default
            found[field] = typed(annotation, value, is_text=True)
        except Wrong:
            return None
    return LockSettings(**found)


def is_needed() -> bool:
    """Return whether this run may change something."""
    jobs = {file.stem for file in command_line.deploy_files()}
    return bool(jobs - LOOKING) and command_line.may_execute()


def problems(inventory: Inventory) -> list[str]:
    """Return why the file of the lock could not be written, before anything is connected.

    + inventory: of the run, which may lack other settings
    """
    settings = of(inventory) if is_needed() else None
    if settings is None or not settings.name or not settings.directory:
        return []
    reason = unwritable(Path(settings.directory).expanduser() / settings.name)
    return [f"lock_directory={settings.directory}: {reason}; empty: no file"] if reason else []
