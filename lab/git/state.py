"""The project's repository on its remotes, and the clone of the operator."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from lab.git.fast_import import stream
from lab.git.initial import Beginning
from lab.git.process import git_now
from lab.git.repository import HEADS, Repository

HOOKS = Path(__file__).with_name("hooks")
FOREIGNER = ("Release Bot", "bot@users.noreply.github.com")
BARE_CONFIGURATION = """
[receive]
	denyNonFastForwards = true
	autogc = false
[uploadpack]
	allowFilter = true
[gc]
	auto = 0
"""
CLONE_CONFIGURATION = """[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
[branch "{branch}"]
	remote = {remote}
	merge = refs/heads/{branch}
"""


class Remotes:
    """A bare repository for each remote, all with the same history, and a clone that knows them.

    All of them are made once and copied at each reset: a few files, no process of git.

    + directory: where they are; the last part of each path is the one of its URL
    """

    def __init__(self, directory: Path, beginning: Beginning) -> None:
        self.beginning = beginning
        self.clone = directory / "operator" / beginning.clone
        self.repositories = {
            name: Repository(directory / name / path) for name, path in beginning.paths.items()
        }
        self._templates = directory / "templates"
        self.shas: list[str] = []

    def prepare(self, servers: Mapping[str, str]) -> None:
        """Make the templates; the servers' URLs have to be known."""
        history = self.beginning.history
        bare, clone = self._templates / "bare", self._templates / "clone"
        git_now("init", "--quiet", "--bare", "--template=", "-b", history.branch, str(bare))
        with (bare / "config").open("a") as file:
            file.write(BARE_CONFIGURATION)
        text = stream(history.made(), {history.archive: history.archived - 1})
        # One pack instead of many files: it is copied at each reset.
        options = ("-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--done")
        marks = self._templates / "marks"
        git_now("--git-dir", str(bare), *options, f"--export-marks={marks}", stdin=text)
        self.shas = [line.split()[1] for line in sorted(marks.read_text().splitlines(), key=_mark)]
        shutil.copytree(bare, clone / ".git")
        (clone / ".git" / HEADS / history.archive).unlink()
        self._configure_clone(clone / ".git", Repository(bare).heads(), servers)
        git_now("-C", str(clone), "reset", "--quiet", "--hard")
        for name in self.beginning.paths:
            (bare / "hooks").mkdir(exist_ok=True)
            hook = shutil.copy(HOOKS / f"{name}.sh", bare / "hooks" / "pre-receive")
            Path(hook).chmod(0o755)
            shutil.copytree(bare, self._templates / name)

    def reset(self) -> None:
        """Put the repositories and the clone back to the beginning."""
        for name, repository in self.repositories.items():
            _copy(self._templates / name, repository.directory)
        _copy(self._templates / "clone", self.clone)

    def state(self) -> dict[str, dict[str, str]]:
        """Return the branches of each remote for `GET /state`."""
        return {name: repository.heads() for name, repository in self.repositories.items()}

    @property
    def gitlab_refuses(self) -> list[str]:
        """The branches on GitLab that nobody may push to."""
        return self.repositories["gitlab"].refused()

    @gitlab_refuses.setter
    def gitlab_refuses(self, branches: list[str]) -> None:
        self.repositories["gitlab"].refuse(branches)

    @property
    def github_refuses(self) -> list[str]:
        """The branches on GitHub whose pushes its push protection refuses."""
        return self.repositories["github"].refused()

    @github_refuses.setter
    def github_refuses(self, branches: list[str]) -> None:
        self.repositories["github"].refuse(branches)

    async def diverge(self, name: str, branch: str) -> tuple[str, str]:
        """Put somebody else's commit on a branch; return the old and the new SHA."""
        files = {"CITATION.cff": f"cff-version: 1.2.0\n# {datetime.now(UTC)}\n".encode()}
        return await self._put(name, branch, "Add a citation file\n", files, FOREIGNER)

    async def commit(
        self, name: str, branch: str, message: str, files: Mapping[str, str | None]
    ) -> tuple[str, str]:
        """Put an ordinary commit on a branch; return the old and the new SHA."""
        content = {path: None if text is None else text.encode() for path, text in files.items()}
        author = self.beginning.history.people[0]
        return await self._put(name, branch, message, content, author)

    async def _put(
        self,
        name: str,
        branch: str,
        message: str,
        files: Mapping[str, bytes | None],
        author: tuple[str, str],
    ) -> tuple[str, str]:
        repository = self.repositories[name]
        old = repository.heads()[branch]
        return old, await repository.write(branch, message, files, author, old)

    def _remote(self, server: str) -> str:
        return self.beginning.names.get(server, server)

    def _configure_clone(
        self, directory: Path, heads: Mapping[str, str], servers: Mapping[str, str]
    ) -> None:
        text = CLONE_CONFIGURATION.format(
            branch=self.beginning.history.branch, remote=self._remote("gitlab")
        )
        for server, path in self.beginning.paths.items():
            name = self._remote(server)
            text += f'[remote "{name}"]\n\turl = {servers[server]}/{path}\n'
            text += f"\tfetch = +refs/heads/*:refs/remotes/{name}/*\n"
            for branch, sha in heads.items():
                file = directory / "refs" / "remotes" / name / branch
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(f"{sha}\n")
        (directory / "config").write_text(text)


def _mark(line: str) -> int:
    return int(line.split()[0].removeprefix(":"))


def _copy(template: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(template, target)
