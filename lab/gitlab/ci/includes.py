"""What a `.gitlab-ci.yml` includes, put together with it.

After https://docs.gitlab.com/ci/yaml/#include: what is included comes first, and the file itself
has the last word.
"""

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import yaml

from lab.gitlab.ci.document import Invalid, extended, merged, resolved
from lab.gitlab.ci.inputs import raw

KINDS = ("template", "remote", "component")
# Reads a file: of the repository itself, or of the project or kind that is named; None: no such.
Read = Callable[[str, str], Awaitable[str | None]]


async def put_together(text: str, read: Read) -> tuple[str, list[dict[str, Any]]]:
    """Return the text with what it includes, and what that is; raise Invalid.

    One that includes nothing stays as it is.
    """
    document = raw(text)
    if not isinstance(document, dict) or document.get("include") is None:
        return text, []
    included = document.pop("include")
    result: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    for project, path, inputs in itertools.chain(
        *map(_files, included if isinstance(included, list) else [included])
    ):
        content = await read(project, path)
        if content is None:
            where = f"Project `{project}` file" if project else "Local file"
            where = f"{project.capitalize()} file" if project in KINDS else where
            raise Invalid(f"{where} `{path}` does not exist!")
        other = raw(content, inputs)
        if not isinstance(other, dict):
            raise Invalid(f"Included file `{path}` does not have valid YAML syntax!")
        if "include" in other:
            raise Invalid("the lab does not simulate includes in what is included")
        result = merged(result, other)
        found.append(_shown(project, path))
    return dumped(merged(result, document)), found


def dumped(document: dict[str, Any]) -> str:
    """Return a document as GitLab's merged view shows it: references and `extends` are resolved."""
    whole = resolved(document)
    entries = {name: extended(name, whole) for name in whole}
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True)


def _files(part: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the project, the path and the inputs of each file.

    The project is empty for the own one; what is in none has its kind there.
    """
    if isinstance(part, str):
        part = {"remote" if "://" in part else "local": part}
    inputs = (part.get("inputs") or {}) if isinstance(part, dict) else {}
    if isinstance(part, dict) and "local" in part:
        return [("", str(part["local"]).lstrip("/"), inputs)]
    for kind in KINDS:
        if isinstance(part, dict) and kind in part:
            return [(kind, str(part[kind]), inputs)]
    if isinstance(part, dict) and "project" in part:
        files = part.get("file")
        listed = files if isinstance(files, list) else [files]
        return [(str(part["project"]), str(path).lstrip("/"), inputs) for path in listed]
    raise Invalid("the lab does not simulate this kind of include")


def _shown(project: str, path: str) -> dict[str, Any]:
    if not project:
        return {"type": "local", "location": path, "blob": None, "raw": None, "extra": {}}
    if project in KINDS:
        url = path if project == "remote" else f"https://gitlab.example/{project}s/{path}"
        is_blob = project == "component"
        places = {"blob": url if is_blob else None, "raw": None if is_blob else url}
        return {"type": project, "location": path, **places, "extra": {}}
    blob = f"https://gitlab.example/{project}/-/blob/main/{path}"
    extra = {"project": project, "ref": "HEAD"}
    return {"type": "file", "location": path, "blob": blob, "raw": None, "extra": extra}
