"""Many of something, for lists of several pages: `{"action": "add", "runners": 250}`."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from lab.gitlab.project import Project
from lab.server.faults import UnknownFault

FIRST_RUNNER = 1001


class Crowd:
    """What LAB_URL can add to GitLab by the hundred; none of it has any effect of its own.

    Whatever a list begins with is added: what was there comes on the last page.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._kinds: dict[str, Callable[[int], Awaitable[None] | None]] = {
            "runners": self._runners,
            "pipelines": self._pipelines,
            "jobs": self._jobs,
            "variables": self._variables,
            "branches": self._branches,
        }

    async def add(self, counts: dict[str, Any]) -> None:
        """Add as many of each kind as is said."""
        for kind, count in counts.items():
            if kind not in self._kinds:
                raise UnknownFault(f"no list {kind}, only {', '.join(self._kinds)}")
            adding = self._kinds[kind](int(count))
            if adding is not None:
                await adding

    def remove(self, which: dict[str, Any]) -> None:
        """Remove the first entries of a list, as many as is said: `{"variables": 1}`."""
        for kind, count in which.items():
            if kind != "variables":
                raise UnknownFault(f"nothing is removed from a list {kind}, only variables")
            del self.project.variables.variables[: int(count)]

    def _runners(self, count: int) -> None:
        gitlab = self.project.gitlab
        for number in _from(FIRST_RUNNER, count):
            gitlab.register_runner(number, f"further-{number}")
            gitlab.runners[number]["tag_list"] = ["further"]

    def _pipelines(self, count: int) -> None:
        """Add newer ones of the oldest commit, in which nothing happens any more."""
        for _ in range(count):
            self.project.pipelines.add_finished(self.project.remotes.shas[0])

    def _jobs(self, count: int) -> None:
        """Add them to the newest pipeline of the site."""
        pipelines = self.project.pipelines
        pipelines.add_jobs(max(pipelines.pipelines), count)

    def _variables(self, count: int) -> None:
        variables = self.project.variables
        before = list(variables.variables)
        for number in _from(1, count):
            variables.create({"key": f"FURTHER_{number}", "value": str(number)})
        added = variables.variables[len(before) :]
        variables.variables[:] = [*added, *before]

    async def _branches(self, count: int) -> None:
        sha = self.project.remotes.shas[0]
        lines = (f"create refs/heads/a/{number} {sha}\n" for number in _from(1, count))
        await self.project.repository.run("update-ref", "--stdin", stdin="".join(lines).encode())


def _from(first: int, count: int) -> Iterable[int]:
    return range(first, first + count)
