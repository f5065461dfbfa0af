"""The plan as a person reads it: the differences in the order of the deploy, long ones cut."""

import textwrap
from collections.abc import Sequence

import click
from pyinfra import context

from ops.api.console import INDENT, columns, is_verbose, print_line, short_name
from ops.api.plan import CHANGE, CHECK, CONDITIONAL, UNKNOWN, Entry, Step, plan
from ops.api.verdict import verdict
from ops.api.visible import one_line

LONGEST_DIFFERENCE = 9  # lines of a changed text
LONGEST_VALUE = 60
MOST_LINES = 48  # of a plan; a longer one shows less of each step
# Lines of a step for many hosts or for a changed text, which say most, and lines of another one.
LIMITS = ((12, 12), (12, 6), (12, 3), (12, 1), (6, 1), (3, 1), (1, 1))
_DONE_FOR_IT = ("would ", "conditional: would ")
_REMARKS = {CHANGE: "", CHECK: "", CONDITIONAL: "conditional", UNKNOWN: "unknown until run"}


def show_plan() -> None:
    """Print the plan so far to stdout, once, and keep it for the verdict.

    Without `-v` a difference stands for the request that makes it, and what is long is cut.
    """
    if plan.is_empty:
        return
    steps = plan.take(context.state)
    verdict.planned(steps)
    print_line(click.style("Plan:", bold=True))
    for line in _fitting(steps, columns() or 80):
        print_line(line)
    if is_verbose():
        print_line(click.style("Summary of changes:", bold=True))
        for line in plan.summary(steps, columns()):
            print_line(line)


def _fitting(steps: Sequence[Step], width: int) -> list[str]:
    """Return the lines of a plan, with as much of each step as there is room for."""
    if is_verbose():
        return [line for step in steps for line in _lines(step, width, (None, None))]
    for limits in LIMITS:
        lines = [line for step in steps for line in _lines(step, width, limits)]
        if _rows(lines) <= MOST_LINES:
            break
    return lines


def _rows(lines: Sequence[str]) -> int:
    if not columns():  # Nothing is wrapped.
        return len(lines)
    return sum(len(textwrap.wrap(click.unstyle(line), columns())) for line in lines)


def _lines(step: Step, width: int, limits: tuple[int | None, int | None]) -> list[str]:
    remarks = {_REMARKS[entry.kind]: None for entry in step.entries}
    remark = ", ".join(filter(None, remarks))
    name = click.style(step.name, bold=True) + (f" ({remark})" if remark else "")
    if len(step.entries) > 1:
        return [name, *_limited(_of_hosts(step.entries), limits[0], width)]
    (entry,) = step.entries
    lines = [one_line(line) for line in shortened(entry)]
    on_one = f"{name}: {' '.join(lines)}"
    if len(lines) == 1 and len(click.unstyle(on_one)) <= width and not is_verbose():
        return [on_one]
    with_host = f"{name} [{short_name(entry.host)}]"
    is_short = len(click.unstyle(with_host)) <= width or is_verbose()
    indented = [INDENT + line for line in lines]
    is_text = any(line.startswith("@@") for line in lines)
    limit = limits[0] if is_text else limits[1]
    return [with_host if is_short else name, *_limited(indented, limit, width)]


def _of_hosts(entries: Sequence[Entry]) -> list[str]:
    """Return a line for each change of each host; hosts that say the same are counted."""
    alike: dict[object, list[Entry]] = {}
    for entry in entries:
        key = entry.host.name if is_verbose() else tuple(shortened(entry))
        alike.setdefault(key, []).append(entry)
    return [
        f"{INDENT}[{_name_of(of)}] {one_line(line)}"
        for of in alike.values()
        for line in shortened(of[0])
    ]


def _name_of(entries: Sequence[Entry]) -> str:
    return short_name(entries[0].host) if len(entries) == 1 else f"{len(entries)} hosts"


def _limited(lines: Sequence[str], limit: int | None, width: int) -> list[str]:
    """Return as many lines as the limit says; with a limit of 1 it is one line of a terminal."""
    if limit is None or (len(lines) <= limit and limit > 1):
        return list(lines)
    if limit > 1:
        more = len(lines) - limit + 1
        return [*lines[: limit - 1], f"{INDENT}… {more} more lines (-v shows them)"]
    rest = f" ({len(lines) - 1} more: -v)" if len(lines) > 1 else ""
    room = width - len(rest)
    # What changes says more than what is done for it.
    changes = (line for line in lines if not line.lstrip().startswith(_DONE_FOR_IT))
    first = next(changes, lines[0])
    if columns() and len(first) > room:
        first = f"{first[: room - 1]}…"
    return [first + rest]


def shortened(entry: Entry) -> list[str]:
    """Return the lines of a plan's entry that are shown without `-v`."""
    if is_verbose():
        return list(entry.lines)
    return cut(entry.brief or entry.lines)


def with_short_values(line: str) -> str:
    """Return the difference of a field with both values short enough to be compared."""
    old, arrow, new = line.partition(" -> ")
    if not arrow:
        return line
    name, colon, value = old.partition(": ")
    return name + colon + _short(value) + arrow + _short(new)


def _short(value: str) -> str:
    half = LONGEST_VALUE // 2
    return value if len(value) <= LONGEST_VALUE else f"{value[:half]}…{value[-half:]}"


def cut(lines: Sequence[str]) -> list[str]:
    """Return lines of which each text difference has at most `LONGEST_DIFFERENCE`.

    + lines: with differences as `difflib.unified_diff` makes them, without the names of files
    """
    found: list[str] = []
    length = hidden = 0
    for line in [*lines, "end"]:
        inside = line.startswith("@@") or (length > 0 and line[:1] in (" ", "+", "-", "\\", ""))
        length = length + 1 if inside else 0
        if inside and length > LONGEST_DIFFERENCE:
            hidden += 1
            continue
        if hidden and not inside:
            found.append(f"… {hidden} more lines (-v shows them)")
            hidden = 0
        found.append(line)
    return found[:-1]
