"""The CI configuration of a branch, as GitLab has it with all that it includes, where it takes it.

What GitLab refuses makes a failed pipeline without jobs, whatever its rules say. Its own linter is
asked, for no other program knows all that it refuses.
"""

from collections.abc import Mapping
from typing import Any

from pyinfra.api.host import Host

from ops.api.unchangeable import Unchangeable
from ops.api.visible import cut
from ops.gitlab.ci.configuration import Configuration, load, load_merged
from ops.gitlab.facts.repository import MergedConfiguration, RepositoryFile
from ops.http.watch import ask

_LONGEST = 300


def configuration(project: Host, file: str, ref: str) -> Configuration:
    """Return what a file says, or GitLab's own view where it includes others or has inputs.

    + project: the host of the project
    + file: path of the configuration
    + ref: branch of which it is read

    Raises Unchangeable in words where it is not there, not understood, or refused by GitLab.
    """
    live = ask(project, RepositoryFile, path=file, ref=ref)
    if live is None:
        raise Unchangeable(f"{ref} has no {file}")
    found = load(live.text)
    return judged(found, ask(project, MergedConfiguration, ref=ref))


def judged(found: Configuration, seen: Mapping[str, Any]) -> Configuration:
    """Return a configuration with what it includes and its inputs; raise Unchangeable.

    + found: what the file says
    + seen: what GitLab says of it (the fact MergedConfiguration)
    """
    if seen["merged_yaml"] is None:
        raise Unchangeable(f"GitLab refuses the configuration: {errors(seen)}")
    return found if found.is_whole else load_merged(str(seen["merged_yaml"]))


def errors(lint: Mapping[str, Any]) -> str:
    """Return what GitLab's linter says of what is not valid, cut."""
    return cut("; ".join(map(str, lint["errors"])), _LONGEST) or "without a reason"
