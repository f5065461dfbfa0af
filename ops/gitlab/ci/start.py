"""What starts a pipeline of a branch, and what of it the rules may look at."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

# A variable in a text: https://docs.gitlab.com/ci/variables/where_variables_can_be_used/
_REFERENCE = re.compile(r"\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)\}|%([A-Za-z_]\w*)%", re.ASCII)
# What a pipeline of a branch does not have.
_UNSET = (
    "CI_COMMIT_TAG",
    "CI_MERGE_REQUEST_ID",
    "CI_MERGE_REQUEST_IID",
    "CI_EXTERNAL_PULL_REQUEST_IID",
)


class Unread(Enum):
    """What nobody has read, so that it is not known."""

    UNREAD = "unread"


UNREAD = Unread.UNREAD


@dataclass(frozen=True)
class Start:
    """What starts a pipeline of a branch.

    + branch: its name
    + source: as CI_PIPELINE_SOURCE says it, such as `push`, `api` or `web`
    + changed: paths that the push has changed; None where GitLab compares nothing, and takes
      everything for changed: it is no push, or the first one of a new branch
    + files: paths of all files of the commit
    + default_branch: of the project; empty: not known
    + variables: others that are known, by name; None is one that is not set
    + overridden: names to which the configuration gives values of its own: those win over GitLab's,
      and lose against what a project or whoever starts it sets, so that they are not known
    """

    branch: str
    source: str
    changed: Sequence[str] | Unread | None = None
    files: Sequence[str] | Unread = UNREAD
    default_branch: str = ""
    variables: Mapping[str, str | None] = field(default_factory=dict)
    overridden: frozenset[str] = frozenset()

    def known(self) -> dict[str, str | None]:
        """Return the variables that are known; None is one that is not set."""
        known: dict[str, str | None] = dict.fromkeys(_UNSET)
        known |= {"CI": "true", "GITLAB_CI": "true", "CI_PIPELINE_SOURCE": self.source}
        known |= {"CI_COMMIT_BRANCH": self.branch, "CI_COMMIT_REF_NAME": self.branch}
        if self.default_branch:
            known["CI_DEFAULT_BRANCH"] = self.default_branch
        known = {name: value for name, value in known.items() if name not in self.overridden}
        return known | dict(self.variables)


def with_values(text: str, variables: Mapping[str, str | None]) -> str | None:
    """Return a text with the values of its variables, or None where one is not known.

    The name of one that is not set stays where it is.
    """
    names = [first or second or third for first, second, third in _REFERENCE.findall(text)]
    if any(name not in variables for name in names):
        return None

    def value(found: re.Match[str]) -> str:
        value = variables[found[1] or found[2] or found[3]]
        return found[0] if value is None else value

    return _REFERENCE.sub(value, text)


def as_pattern(text: str, variables: Mapping[str, str | None]) -> str:
    """Return a text with the values of its variables, and `*` for each that is not known or set."""

    def value(found: re.Match[str]) -> str:
        value = variables.get(found[1] or found[2] or found[3])
        return "*" if value is None else value

    return _REFERENCE.sub(value, text)
