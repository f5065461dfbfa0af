"""The CI configuration of a branch, as GitLab has it with all that it includes."""

from pyinfra.api.host import Host

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import Configuration, load, load_merged
from ops.gitlab.facts.repository import MergedConfiguration, RepositoryFile
from ops.http.watch import ask


def configuration(project: Host, file: str, ref: str) -> Configuration:
    """Return what a file says, or GitLab's own view where it includes others or has inputs.

    + project: the host of the project
    + file: path of the configuration
    + ref: branch of which it is read

    Raises Unchangeable in words where it is not there or not understood.
    """
    live = ask(project, RepositoryFile, path=file, ref=ref)
    if live is None:
        raise Unchangeable(f"{ref} has no {file}")
    found = load(live.text)
    if found.is_whole:
        return found
    merged = ask(project, MergedConfiguration, ref=ref)["merged_yaml"]
    if merged is None:
        raise Unchangeable(f"GitLab refuses {file} of {ref} with what it includes and its inputs")
    return load_merged(str(merged))
