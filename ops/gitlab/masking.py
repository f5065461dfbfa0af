"""GitLab's rules for the value of a masked CI/CD variable.

https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable, app/models/concerns/ci/maskable.rb
"""

import re

SHORTEST = 8
_EXPANDED = re.compile(r"[A-Za-z0-9_+=/@:.~-]+")
_RAW = re.compile(r"\S+")


def why_not_maskable(value: str, raw: bool) -> str:
    """Return why GitLab would not mask a value, or an empty text; the value is not in it.

    + value: of the variable
    + raw: whether GitLab leaves `$` alone; then more characters can be masked
    """
    if "\n" in value or "\r" in value:
        return "it has more than one line"
    if len(value) < SHORTEST:
        return f"it is shorter than {SHORTEST} characters"
    if not _RAW.fullmatch(value):
        return "it holds white space"
    if not raw and not _EXPANDED.fullmatch(value):
        return "it holds characters that GitLab masks only in raw variables"
    return ""


def needs_raw(value: str) -> bool:
    """Return whether GitLab can mask a value in a raw variable, and in no other."""
    return bool(why_not_maskable(value, raw=False)) and not why_not_maskable(value, raw=True)
