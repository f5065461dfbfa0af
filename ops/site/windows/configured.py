"""What is configured of maintenance windows, with the calendars and freeze periods of now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from ops.api.operation import read
from ops.api.settings.typed import typed
from ops.gitlab.facts.freeze_periods import FreezePeriods
from ops.records.directory import Records
from ops.site import run_record
from ops.site.settings.all import All
from ops.site.windows.budget import takes

if TYPE_CHECKING:
    from ops.windows.decision import Takes
    from ops.windows.span import Source
    from ops.windows.window import Rules

# Of hosts of the command line, which have no group_data.
_DEFAULTS: dict[str, Any] = {
    "windows": [], "window_exceptions": [], "window_calendars": {}, "site_zone": "UTC",
    "put_back_time": "", "run_times": {},
}  # fmt: skip


@dataclass(frozen=True)
class Configured:
    """What restricts changes.

    + rules: windows and dated exceptions
    + zone: of the site
    + calendars: the path of each file, by the name of the calendar
    + projects: the hosts whose freeze periods count
    + run_times: how long jobs take, where that is declared
    + records: of past runs
    """

    rules: "Rules"
    zone: ZoneInfo
    calendars: Mapping[str, str]
    projects: Sequence[Host]
    run_times: Mapping[str, str]
    records: Records

    def denying(self, now: datetime) -> "list[Source]":
        """Read calendars and freeze periods anew; one that cannot be read denies all the time.

        + now: for the age of a file
        """
        return [*self._calendars(now), *self._freeze_periods()]

    def takes(self, jobs: Sequence[str]) -> "Takes | None":
        """Return how long a run of some jobs takes; None where nobody knows."""
        return takes(jobs, self.run_times, self.records)

    def zones(self) -> list[str]:
        """Return the names of the zones that the rules and the site use."""
        return sorted({self.zone.key, *(rule.zone for rule in self.rules.all)})

    def _calendars(self, now: datetime) -> "Iterator[Source]":
        if not self.calendars:
            return
        from ops.windows import calendar

        for name, path in self.calendars.items():
            file = Path(path).expanduser()
            try:
                content, changed = file.read_bytes(), file.stat().st_mtime
            except OSError as error:
                yield calendar.unreadable(name, f"{path}: {error.strerror or error}")
                continue
            age = now - datetime.fromtimestamp(changed, now.tzinfo)
            yield calendar.source(name, content, self.zone, max(age, timedelta(0)))

    def _freeze_periods(self) -> "Iterator[Source]":
        if not self.projects:
            return
        from ops.windows import freeze

        for project in self.projects:
            try:
                yield from freeze.sources(project.name, read(project, FreezePeriods))
            except OperationError:
                yield freeze.unreadable(project.name, "see the line of that host")


def configured(inventory: Inventory) -> Configured | None:
    """Return what restricts changes; None where nothing does, and then nothing is imported.

    + inventory: of the run; hosts of the command line have the settings of all hosts alone
    """
    host = next(iter(inventory), None)
    if host is None:
        return None
    found = {name: _setting(host, name, default) for name, default in _DEFAULTS.items()}
    projects = [
        project
        for project in inventory.get_group("project", [])
        if project.data.get("freeze_periods_count")
    ]
    restricting = (found["windows"], found["window_exceptions"], found["window_calendars"])
    if not any(restricting) and not projects:
        return None
    from ops.windows.window import read as rules_of
    from ops.windows.zone import zone

    rules = rules_of(
        {
            "windows": found["windows"],
            "dates": found["window_exceptions"],
            "put_back": found["put_back_time"] or None,
        }
    )
    return Configured(
        rules=rules,
        zone=zone(found["site_zone"]),
        calendars=found["window_calendars"],
        projects=projects,
        run_times=found["run_times"],
        records=run_record.records_of(inventory),
    )


def outside(inventory: Inventory) -> str:
    """Return why this one run may be outside of the windows, or an empty text."""
    host = next(iter(inventory), None)
    return str(host.data.get("outside_window") or "").strip() if host else ""


def _setting(host: Host, name: str, default: Any) -> Any:
    from ops.api.settings.group import settings

    value = host.data.get(name)
    if value is None:
        return default
    setting = next(setting for setting in settings(All) if setting.name == name)
    return typed(setting.annotation, value, is_text=True)
