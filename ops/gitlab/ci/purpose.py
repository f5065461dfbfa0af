"""What a wider filter is for: the jobs of a push that changes one file, before and after."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ops.gitlab.ci.configuration import Configuration
from ops.gitlab.ci.fate import words
from ops.gitlab.ci.globs import matches
from ops.gitlab.ci.pipeline import Outcome, outcome
from ops.gitlab.ci.start import Start


@dataclass(frozen=True)
class Purpose:
    """A push that changes one file.

    + path: the file
    + before, after: what the rules say of its jobs, before and after the change of the rules
    + full: what they say, after it, of a pipeline of the API
    """

    path: str
    before: Outcome
    after: Outcome
    full: Outcome

    def new(self) -> list[str]:
        """Return the jobs that come to be by the change."""
        return [name for name in _there(self.after) if name not in _there(self.before)]

    def missing(self) -> list[str]:
        """Return the jobs that a complete pipeline has, and this push would still not have."""
        return [name for name in self.full.required() if name not in _there(self.after)]

    def lines(self) -> Iterator[str]:
        """Yield what becomes of it, in words that do not name the file."""
        before, after = len(_there(self.before)), len(_there(self.after))
        yield f"{before} jobs before, {after} after"
        if self.new():
            yield f"  new: {', '.join(self.new())}"
        for job, need in self.after.unmet:
            yield f"  GitLab would make no pipeline: {job} needs {need}, which is not in it"
        missing = self.missing()
        if missing:
            fate = self.after.jobs[missing[0]]
            rule = fate.rule or (fate.unmatched[-1] if fate.unmatched else None)
            why = f" ({words(rule)})" if rule else ""
            yield f"  still missing: {', '.join(missing)}: {missing[0]}{why}"
        elif self.full.required():
            yield f"  complete: all {len(self.full.required())} that are not started by hand"


def purposes(
    old: Configuration, new: Configuration, start: Start, examples: Sequence[str]
) -> list[Purpose]:
    """Return what becomes of pushes that change one file each.

    + old, new: the configuration before and after the change
    + start: a push; its changed files do not count
    + examples: the files
    """
    full = outcome(new, replace(start, source="api", changed=None))
    pushes = [replace(start, changed=[path]) for path in examples]
    return [
        Purpose(path, outcome(old, push), outcome(new, push), full)
        for path, push in zip(examples, pushes, strict=True)
    ]


def in_words(found: Sequence[Purpose]) -> Iterator[str]:
    """Yield what becomes of pushes; what becomes of several alike is said once."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for purpose in found:
        alike.setdefault(tuple(purpose.lines()), []).append(purpose.path)
    for (first, *rest), paths in alike.items():
        yield f"a push that changes only {', or only '.join(paths)}: {first}"
        yield from rest


def examples(globs: Sequence[str], files: Sequence[str]) -> list[str]:
    """Return a file for each glob that matches one, or that names one itself."""
    found = (next((f for f in files if matches(f, glob)), _itself(glob)) for glob in globs)
    return list(dict.fromkeys(path for path in found if path))


def disagreement(simulated: Collection[str], outcome: Outcome) -> list[str]:
    """Return jobs of which GitLab's simulation says another thing than the rules do here."""
    sure, open_ = set(_there(outcome)), set(outcome.undecided())
    return sorted((sure - set(simulated)) | (set(simulated) - sure - open_))


def _there(outcome: Outcome) -> list[str]:
    if outcome.pipeline.exists is not True:
        return []
    return [name for name, fate in outcome.jobs.items() if fate.exists]


def _itself(glob: str) -> str:
    return glob if not set("*?[{\\") & set(glob) else ""
