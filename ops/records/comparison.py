"""What is different between two runs: documents are given, and nothing is read."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ops.api.plan import without_times
from ops.api.visible import cut

Document = Mapping[str, Any]
# Those of another run are other ones, also where the secret is the same (`ops.api.secret`).
_FINGERPRINT = re.compile(r"secret:[0-9a-f]{8}\b")


def differences(first: Document, second: Document) -> Iterator[str]:
    """Yield a line for each thing that one of two runs has and the other has not: `-` and `+`.

    + first, second: documents as docs/run.schema.json says

    Times are not compared, nor is the order of what was found, nor the value of a secret.
    """
    before, after = _things(first), _things(second)
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if old is not None:
            yield f"- {name}{old}"
        if new is not None:
            yield f"+ {name}{new}"


def values(field: Document, longest: int = 0) -> str:
    """Return both values of a field.

    + longest: how many characters of each may be; 0: all
    """
    both = (field.get(name, "(absent)") for name in ("old", "new"))
    return " -> ".join(_text(value, longest) for value in both)


def _things(run: Document) -> dict[str, str]:
    """Return what there is in a run, and what is said of it."""
    found = {
        "job: ": run["job"],
        "inventory: ": run["inventory"],
        "verdict: ": run["verdict"]["word"],
        "exit code: ": str(run["exit_code"]),
        "error: ": run["verdict"]["error"],
    }
    things = {name: value for name, value in found.items() if value is not None}
    for problem in run["attention"]:
        things[f"attention: {problem['area']}: {problem['what']}"] = ""
    for text in run["verdict"]["proven"]:
        things[f"proven: {text}"] = ""
    for left in run["verdict"]["left"]:
        for reason in left["reasons"]:
            things[f"left: {left['host']}: {reason}"] = ""
    for step in run["plan"]:
        for entry in step["entries"]:
            things |= _planned(step["operation"], entry)
    for result in run["results"]:
        things[f"{result['operation']} [{result['host']}]: "] = result["outcome"]
    return things


def _planned(operation: str, entry: Document) -> dict[str, str]:
    place = f"plan: {operation} [{entry['host']}]"
    lines = {
        f"{place} {field['name']}: ": _FINGERPRINT.sub("secret", without_times(values(field)))
        for field in entry["fields"]
    }
    return lines or {f"{place}: ": entry["class"]}


def _text(value: Any, longest: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return cut(text, longest) if longest else text
