"""Which jobs the pipelines of a branch should have, as the configuration of their commits says."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from pyinfra import context
from pyinfra.api.host import Host

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import Configuration, load
from ops.gitlab.ci.pipeline import Outcome, outcome
from ops.gitlab.ci.start import UNREAD, Start, Unread
from ops.gitlab.facts import pipelines as facts
from ops.gitlab.facts.repository import (
    ChangedFiles,
    DefaultBranch,
    MergedConfiguration,
    RepositoryFile,
    RepositoryFiles,
)
from ops.gitlab.merged import judged
from ops.gitlab.pipelines.required import Required, by_rules

# How a pipeline is started that has as many jobs as one can have without a push.
FULL = "api"
_NO_COMMIT = "0" * 40

Look = Callable[..., Any]
# What a commit says does not change, and watches look every few seconds.
_Known = dict[tuple[str, object], Any]
_known: WeakKeyDictionary[Host, _Known] = WeakKeyDictionary()


class Configured:
    """What the configuration says of the pipelines of a branch; each commit is read once.

    + project: the host of the project
    + ref: name of the branch
    + file: path of the configuration
    + look: what reads a fact
    """

    def __init__(self, project: Host, ref: str, file: str, look: Look) -> None:
        self.project, self.ref, self.file, self.look = project, ref, file, look
        # `project` may be pyinfra's proxy for the current host.
        self.known = _known.setdefault(context.inventory.get_host(project.name), {})

    def full(self, commit: str) -> Required:
        """Return the jobs of a pipeline of a commit that is triggered through the API."""
        found: Required = self._of("full", commit, lambda: self._required(commit, FULL, None))
        return found

    def own(self, pipeline: Mapping[str, Any]) -> Required:
        """Return the jobs that a pipeline has by its own source and the files of its push."""

        def find() -> Required:
            return self._required(pipeline["sha"], str(pipeline["source"]), self._changed(pipeline))

        found: Required = self._of("own", pipeline["id"], find)
        return found

    def outcome(self, pipeline: Mapping[str, Any]) -> Outcome:
        """Return what the rules say of each job of a pipeline; raise Unchangeable."""
        configuration = self.configuration(pipeline["sha"])
        source, changed = str(pipeline["source"]), self._changed(pipeline)
        return outcome(configuration, self._start(pipeline["sha"], source, changed))

    def changed(self, pipeline: Mapping[str, Any]) -> Sequence[str]:
        """Return the files of the push that has made a pipeline, as far as they are known."""
        found = self._changed(pipeline)
        return () if found is None or isinstance(found, Unread) else found

    def on_new_commit(self, commit: str) -> str:
        """Return what a newer pipeline cancels of those of a commit; empty: it is not known."""
        try:
            return self.configuration(commit).on_new_commit()
        except Unchangeable:
            return ""

    def configuration(self, commit: str) -> Configuration:
        """Return the configuration of a commit, GitLab's merged view of it; raise Unchangeable."""
        text = self._text(commit)
        if text is None:
            raise Unchangeable(f"commit {commit[:8]} has no {self.file}")
        found = load(text)
        seen = self._of("merged", commit, lambda: self._look(MergedConfiguration, ref=commit))
        return judged(found, seen)

    def _required(
        self, commit: str, source: str, changed: Sequence[str] | Unread | None
    ) -> Required:
        try:
            configuration = self.configuration(commit)
        except Unchangeable as error:
            return Required(undecided=str(error))
        return by_rules(outcome(configuration, self._start(commit, source, changed)))

    def _start(self, commit: str, source: str, changed: Sequence[str] | Unread | None) -> Start:
        text = self._text(commit) or ""
        is_included = "include" in text
        branch: str = ""
        files: Sequence[str] | Unread = UNREAD
        if is_included or "CI_DEFAULT_BRANCH" in text:
            branch = self._of("default", "", lambda: self._look(DefaultBranch))
        if is_included or "exists" in text:
            files = self._of("files", commit, lambda: self._look(RepositoryFiles, ref=commit))
        return Start(self.ref, source, changed, files, branch)

    def _changed(self, pipeline: Mapping[str, Any]) -> Sequence[str] | Unread | None:
        """Return the files that a push has changed; None where GitLab compares nothing."""
        number = pipeline["id"]
        details = self._of("details", number, lambda: self._look(facts.Pipeline, pipeline=number))
        before = str((details or {}).get("before_sha") or "")
        if not before:
            return UNREAD
        if before == _NO_COMMIT:
            return None
        commits = {"before": before, "after": pipeline["sha"]}
        found = self._of("changed", number, lambda: self._look(ChangedFiles, **commits))
        return UNREAD if found is None else found

    def _text(self, commit: str) -> str | None:
        file = self._of(
            "file", commit, lambda: self._look(RepositoryFile, path=self.file, ref=commit)
        )
        return None if file is None else file.text

    def _look(self, fact: type[Any], **arguments: Any) -> Any:
        return self.look(self.project, fact, **arguments)

    def _of(self, what: str, key: object, find: Callable[[], Any]) -> Any:
        place = (f"{what} {self.ref} {self.file}", key)
        if place not in self.known:
            self.known[place] = find()
        return self.known[place]
