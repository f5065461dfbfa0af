"""The file ssh_config: paramiko's rules, and what they get wrong about `Match` and `Include`."""

import glob
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paramiko.config import ConfigParseError, SSHConfig
from pyinfra import logger

from ops.ssh.errors import NotReached

MATCH = {"all", "canonical", "final", "host", "originalhost", "user", "localuser", "exec"}
EXEC_SECONDS = 10
DEEPEST = 16
# They are whole lines for ssh, `#` and quotes included.
_COMMANDS = {"proxycommand", "localcommand", "remotecommand", "knownhostscommand"}
_FILES = {"userknownhostsfile", "globalknownhostsfile"}
_REPEATED = {"identityfile", "localforward", "remoteforward"}
_LINE = re.compile(r"(\w+)(?:\s*=\s*|\s+)(.+)")
_COMMENT = re.compile(r"""((?:[^"'#]|"[^"]*"|'[^']*'|["']|(?<!\s)#)*)""")

Line = tuple[Path, int, str, str]
_said: set[str] = set()


class Configuration(SSHConfig):
    """What is said in a file, and in those that it includes.

    + path: of the file; one that is not there says nothing
    """

    # The address, the port and the user may be the caller's, so `Options.expand` does these.
    TOKENS_BY_CONFIG_KEY = {**SSHConfig.TOKENS_BY_CONFIG_KEY, "proxycommand": [], "proxyjump": []}

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._blocks: list[dict[str, Any]] = [{"host": ["*"], "config": {}}]
        for file, number, keyword, value in _lines(path, 0):
            try:
                self._take(f"{file}:{number}", keyword, value)
            except ConfigParseError as error:
                raise NotReached(f"{file}:{number}: {error}") from None
        self._config = self._blocks

    def _take(self, where: str, keyword: str, value: str) -> None:
        config = self._blocks[-1]["config"]
        if keyword == "host":
            self._blocks.append({"host": self._get_hosts(value), "config": {}})  # type: ignore[attr-defined]
        elif keyword == "match":
            text = re.sub(r"(?<!\S)!?[A-Za-z]+(?!\S)", _small, value)
            matches = [{**match, "where": where} for match in self._get_matches(text)]  # type: ignore[attr-defined]
            self._blocks.append({"matches": matches, "config": {}})
        elif keyword in _REPEATED:
            config.setdefault(keyword, []).append(_bare(value))
        elif keyword in _COMMANDS and value.lower() == "none":
            config.setdefault(keyword, None)
        else:
            whole = keyword in _COMMANDS | _FILES
            config.setdefault(keyword, value if whole else _bare(value))

    def _does_match(
        self, matches: list[dict[str, Any]], host: str, canonical: bool, final: bool, options: Any
    ) -> bool:
        """Return whether a block is for a host; one with a criterion that is not known is not."""
        foreign = [match for match in matches if match["type"] not in MATCH]
        programs = [match for match in matches if match["type"] == "exec"]
        rest = [match for match in matches if match not in foreign and match not in programs]
        theirs: Any = super()
        if not matches or (rest and not theirs._does_match(rest, host, canonical, final, options)):
            return False
        if foreign:
            _say_once(foreign[0])
            return False
        return all(
            _succeeds(self._tokenize(options, host, "match-exec", match["param"]))  # type: ignore[attr-defined]
            != match["negate"]
            for match in programs
        )


def _lines(path: Path, depth: int) -> Iterator[Line]:
    if depth > DEEPEST:
        raise NotReached(f"{path} is included in more than {DEEPEST} others, or in itself")
    try:
        texts = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise NotReached(f"{path} cannot be read: {error}") from None
    block: Line | None = None
    for number, text in enumerate(texts, 1):
        line = _line(path, number, text)
        if line is None:
            continue
        if line[2] != "include":
            block = line if line[2] in ("host", "match") else block
            yield line
            continue
        for pattern in line[3].split():
            where = Path(_bare(pattern)).expanduser()
            for found in sorted(glob.glob(str(path.parent / where))):
                yield from _lines(Path(found), depth + 1)
        # What a block of the other file says ends with that file.
        yield block or (path, number, "host", "*")


def _line(path: Path, number: int, text: str) -> Line | None:
    text = text.strip()
    if not text or text.startswith("#"):
        return None
    found = _LINE.fullmatch(text)
    if found is None:
        raise NotReached(f"{path}:{number} is no line of ssh_config")
    keyword, value = found[1].lower(), found[2]
    if keyword not in _COMMANDS and (comment := _COMMENT.match(value)):
        value = comment[1].strip() or value
    return path, number, keyword, value


def _bare(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _small(match: re.Match[str]) -> str:
    lowered = match[0].lower()
    return lowered if lowered.removeprefix("!") in MATCH else match[0]


def _say_once(match: dict[str, Any]) -> None:
    text = (
        f"{match['where']}: `Match {match['type']}` is not known here, so that block is not used"
        " (OpenSSH may use it)"
    )
    if text not in _said:
        _said.add(text)
        logger.warning(text)


def _succeeds(command: str) -> bool:
    shell = os.environ.get("SHELL") or "/bin/sh"
    try:
        done = subprocess.run(
            [shell, "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=EXEC_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
