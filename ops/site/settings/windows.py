"""Settings of maintenance windows: what may be changed when (docs/windows.md).

The rules are imported where there are any: a site without windows does not pay for them.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pyinfra.api.inventory import Inventory

from ops.api.settings.check import nearest
from ops.api.settings.kinds import Kind

# `exec` is no deploy, and a rule may hold for it as well.
BY_HAND = "exec"
# Rules look at what is before and after, and there is no year 0 and no year 10000.
YEARS = range(2000, 3000)
_PLACE = re.compile(r" - at \$(\.\w+\[\d+\])?\.?")


def check_windows(values: Sequence[Mapping[str, Any]]) -> None:
    """Raise ValueError with a reason where an entry is no window."""
    _check("windows", values)


def check_dates(values: Sequence[Mapping[str, Any]]) -> None:
    """Raise ValueError with a reason where an entry is no dated exception."""
    _check("dates", values)


def check_zone(name: str) -> None:
    """Raise ValueError where a text is no name of a zone."""
    # The rules need the zone data; what they do without is not looked up in a catalogue.
    if name != "UTC":
        from ops.windows.zone import zone

        zone(name)


def check_duration(text: str) -> None:
    """Raise ValueError where a text is no duration."""
    if text:
        from ops.windows.window import duration

        duration(text)


def check_run_times(times: Mapping[str, str]) -> None:
    """Raise ValueError with the first job whose time is no duration."""
    for job, text in times.items():
        try:
            check_duration(text)
        except ValueError as error:
            raise ValueError(f"{job}: {error}") from None


def check_reason(text: str) -> None:
    """Raise ValueError where a text says nothing."""
    if text and not text.strip():
        raise ValueError("it says nothing")


def check_instant(text: str) -> None:
    """Raise ValueError where a text is no time, or of a year in which no rule can be looked at."""
    if text and datetime.fromisoformat(text).year not in YEARS:
        raise ValueError(f"its year is not from {YEARS[0]} to {YEARS[-1]}")


def _check(kind: str, values: Sequence[Mapping[str, Any]]) -> None:
    if not values:
        return
    from ops.windows.window import read

    for number, value in enumerate(values, 1):
        try:
            read({kind: [value]})
        except ValueError as error:
            name = value.get("name") or f"entry {number}"
            text = _PLACE.sub(" in ", str(error).replace("`", "")).removesuffix(" in ")
            raise ValueError(f"{name}: {text}") from None
    read({kind: list(values)})  # Names that are there twice.


Windows = Annotated[
    list[dict[str, Any]],
    Kind("a list of windows, as JSON", check=check_windows, commas=True),
]
Dates = Annotated[
    list[dict[str, Any]],
    Kind("a list of dated exceptions, as JSON", check=check_dates, commas=True),
]
Calendars = Annotated[dict[str, str], Kind("the path of a file for the name of each calendar")]
Zone = Annotated[str, Kind("a time zone, such as Europe/Berlin", check=check_zone)]
DurationOrEmpty = Annotated[str, Kind("a duration, such as 10m, or empty", check=check_duration)]
RunTimes = Annotated[
    dict[str, str],
    Kind("a duration, such as 20m, or empty for the name of each job", check=check_run_times),
]
Reason = Annotated[str, Kind("a reason, or empty", check=check_reason)]
InstantOrEmpty = Annotated[
    str, Kind("a time, such as 2026-12-24T03:00, or empty", check=check_instant)
]


def window_problems(inventory: Inventory, jobs: Collection[str]) -> Iterator[str]:
    """Return a text for each window that names what there is not: it would never hold.

    + inventory: of the run, whose settings have their types
    + jobs: names of all deploys
    """
    host = next(iter(inventory), None)
    if host is None:
        return
    rules = {name: host.data.get(name) or () for name in ("windows", "window_exceptions")}
    names: list[str] = []
    for setting, values in rules.items():
        # What has another form is named by its type.
        for rule in filter(_is_rule, values if isinstance(values, list) else ()):
            names.append(str(rule.get("name")))
            for kind, known in (("job", {*jobs, BY_HAND}), ("group", set(inventory.groups))):
                for named in rule.get(f"{kind}s") or ():
                    if named not in known:
                        text = f"{rule.get('name')} holds for the {kind} {named}, and there is none"
                        yield f"{setting}: {text}{nearest(str(named), known)}"
    times = host.data.get("run_times") or {}
    for job in times if isinstance(times, Mapping) else ():
        if job not in jobs:
            yield f"run_times: there is no job {job}{nearest(str(job), jobs)}"
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"window_exceptions: {name} is the name of a window, too"
    if "outside_window" not in inventory.get_override_data() and host.data.get("outside_window"):
        yield "outside_window is for one run: give it with --data outside_window=REASON"


def _is_rule(rule: Any) -> bool:
    """Return whether an entry has lists of names where names are looked up."""
    if not isinstance(rule, Mapping):
        return False
    lists = [rule.get("jobs") or [], rule.get("groups") or []]
    return all(
        isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
        for names in lists
    )
