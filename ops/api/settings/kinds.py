"""Types of settings that every room shares. A type says in words what it allows, and its unit."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta


@dataclass(frozen=True)
class Kind:
    """What a type of setting allows, beyond what msgspec can check.

    + words: what goes on after "NAME is": "a number greater than 0"
    + unit: what it is counted in
    + check: raises ValueError with a reason where a value of the right type is none all the same
    + commas: an item of the list may have a comma itself, so text is not split there
    + hidden: the value may be a secret, put there by mistake, and is shown in no message
    """

    words: str
    unit: str = ""
    check: Callable[[Any], None] | None = None
    commas: bool = False
    hidden: bool = False


def regular_expression(text: str) -> None:
    """Raise ValueError with a reason where a text is no regular expression."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(str(error)) from None


# A run lasts no longer than 31 years, and infinity is no number of seconds.
LONGEST = 10**9
_POSITIVE = Meta(gt=0, le=LONGEST)
_FULL = Meta(min_length=1)

Seconds = Annotated[
    Annotated[int, _POSITIVE] | Annotated[float, _POSITIVE],
    Kind("a number greater than 0", unit="s"),
]
Count = Annotated[int, _POSITIVE, Kind("a whole number greater than 0")]
Ids = Annotated[
    list[Annotated[int, _POSITIVE]], Kind("a list of ids", unit="ids, such as 6930,6931")
]
Approval = Annotated[bool, Kind("true or false")]
Text = Annotated[str, _FULL, Kind("text that is not empty")]
TextOrEmpty = Annotated[str, Kind("text, or empty")]
Texts = Annotated[list[Annotated[str, _FULL]], Kind("a list of texts")]
SomeTexts = Annotated[Texts, _FULL, Kind("a list of texts that is not empty")]
# Such as lines of a log, or globs: {a,b} is one.
WholeTexts = Annotated[list[Annotated[str, _FULL]], Kind("a list of texts", commas=True)]
Path = Annotated[str, _FULL, Kind("a path")]
PathOrEmpty = Annotated[str, Kind("a path, or empty")]
Variable = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"), Kind("the name of a variable")]
# An empty one leaves it to a configuration file.
Url = Annotated[
    str, Meta(pattern=r"^(https?://[^\s/]+\S*)?$"), Kind("a URL, https://HOST, or empty")
]
Regex = Annotated[str, _FULL, Kind("a regular expression", check=regular_expression)]
Values = Annotated[dict[str, Any], Kind("a mapping of values, as JSON", hidden=True)]

# Of a file in a repository, from its top.
RepositoryPath = Annotated[
    str, Meta(pattern=r"^(?!/)(?!(.*/)?\.\.(/|$)).+$"), Kind("a path in the repository")
]
RepositoryPaths = Annotated[
    list[RepositoryPath], _FULL, Kind("a list of paths in the repository that is not empty")
]
