"""GitLab's rules for the settings of a runner: coercion of parameters, and validation.

After lib/api/ci/runners.rb, lib/api/validations/types/comma_separated_to_array.rb and
app/models/ci/runner.rb.
"""

from typing import Any

from lab.server.refused import Refused

PUT_FIELDS = (
    "description", "active", "paused", "tag_list", "run_untagged", "locked", "access_level",
    "maximum_timeout", "maintenance_note",
)  # fmt: skip
BOOLEANS = ("active", "paused", "run_untagged", "locked")
MOST_TAGS = 50
LONGEST_TEXT = 1024


def coerce(changes: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that GitLab knows, with its types; raise Refused 400."""
    given = {name: value for name, value in changes.items() if name in PUT_FIELDS}
    if not given:
        names = ", ".join(PUT_FIELDS)
        raise _shape(f"{names} are missing, at least one parameter must be provided")
    if "active" in given and "paused" in given:
        raise _shape("active, paused are mutually exclusive")
    for name in BOOLEANS:
        if name in given:
            given[name] = boolean(name, given[name])
    if "tag_list" in given:
        given["tag_list"] = split_tags(given["tag_list"])
    if "maximum_timeout" in given:
        given["maximum_timeout"] = _number("maximum_timeout", given["maximum_timeout"])
    if given.get("access_level", "not_protected") not in ("not_protected", "ref_protected"):
        raise _shape("access_level does not have a valid value")
    if len(given.get("maintenance_note") or "") > LONGEST_TEXT:
        raise _shape(f"maintenance_note is too long (maximum is {LONGEST_TEXT} characters)")
    if "active" in given:
        given["paused"] = not given.pop("active")
    return given


def split_tags(value: Any) -> list[str]:
    """Split text and elements at commas; a value of another type is an empty list."""
    parts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return clean_tags([tag for part in parts for tag in str(part).split(",")])


def clean_tags(tags: list[str]) -> list[str]:
    """Strip tags, drop blank and repeated ones, and keep the order."""
    return list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def validate(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Check a runner as its model does on every save; raise Refused 400.

    A runner whose tags were lost fails here whatever is changed, until it has tags again.
    """
    errors: dict[str, list[str]] = {}
    if not after["tag_list"] and not after["run_untagged"]:
        text = "can not be empty when runner is not allowed to pick untagged jobs"
        errors["tags_list"] = [text]
    if after["tag_list"] != before["tag_list"] and len(after["tag_list"]) > MOST_TAGS:
        text = f"Too many tags specified. Please limit the number of tags to {MOST_TAGS}"
        errors["tags_list"] = [text]
    timeout = after["maximum_timeout"]
    if timeout is not None and timeout < 600:
        errors["maximum_timeout"] = ["needs to be at least 10 minutes"]
    if len(after["description"] or "") > LONGEST_TEXT:
        errors["description"] = [f"is too long (maximum is {LONGEST_TEXT} characters)"]
    if errors:
        raise Refused(400, errors)


def _shape(message: str) -> Refused:
    return Refused(400, message, "error")


def boolean(name: str, value: Any) -> bool:
    """Return a parameter as the truth value that GitLab takes it for; raise Refused 400."""
    words = {"true": True, "1": True, "t": True, "on": True}
    words |= {"false": False, "0": False, "f": False, "off": False}
    if isinstance(value, bool):
        return value
    try:
        return words[str(value).lower()]
    except KeyError:
        raise _shape(f"{name} is invalid") from None


def _number(name: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise _shape(f"{name} is invalid") from None
