"""What ssh_config says about a host, in the words of this client."""

import getpass
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ops.ssh.errors import NotReached
from ops.ssh.host_keys import Rules
from ops.ssh.ssh_config import Configuration

DEFAULT_FILE = "~/.ssh/config"
USER_FILES = "~/.ssh/known_hosts ~/.ssh/known_hosts2"
GLOBAL_FILES = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"


@dataclass(frozen=True)
class Options:
    """What ssh_config says about a host; a value of the caller stands above it.

    + name: as the host was called
    + host: where it is
    + port: there
    + user: to log in as
    + said: everything, by keyword in small letters
    """

    name: str
    host: str
    port: int
    user: str
    said: Mapping[str, Any]

    def text(self, keyword: str) -> str:
        """Return what is said for a keyword, or an empty text; `none` is nothing."""
        value = str(self.said.get(keyword) or "")
        return "" if value.lower() == "none" else value

    def number(self, keyword: str) -> int | None:
        """Return what is said for a keyword as a number, and None where nothing is."""
        value = self.text(keyword)
        if value and not value.isdecimal():
            raise NotReached(f"{keyword} in ssh_config is {value!r}, which is no number")
        return int(value) if value else None

    def expand(self, text: str) -> str:
        """Return a text with the tokens of ssh_config replaced."""
        tokens = {
            "%%": "%", "%d": str(Path.home()), "%h": self.host, "%n": self.name,
            "%p": str(self.port), "%r": self.user, "%u": getpass.getuser(),
            "%k": self.text("hostkeyalias") or self.host,
        }  # fmt: skip
        return re.sub("%.", lambda match: tokens.get(match[0], match[0]), text)

    def rules(self, strict: str | None, known_hosts: str | None) -> Rules:
        """Return what is said about the key of the host.

        + strict: what the data of the host says
        + known_hosts: the file that it names
        """
        strict = strict or self.text("stricthostkeychecking")
        user_files = shlex.quote(known_hosts) if known_hosts else None
        return Rules(
            strict=strict.lower() or "yes",
            user_files=list(self._files("userknownhostsfile", USER_FILES, user_files)),
            global_files=list(self._files("globalknownhostsfile", GLOBAL_FILES)),
            alias=self.text("hostkeyalias") or None,
            hashed=self.text("hashknownhosts").lower() == "yes",
        )

    def _files(self, keyword: str, default: str, given: str | None = None) -> Iterator[Path]:
        said = given or str(self.said.get(keyword) or default)
        for text in shlex.split(said):
            if text.lower() != "none":
                yield Path(self.expand(text)).expanduser()


def look_up(name: str, given: Mapping[str, Any], file: str | None) -> Options:
    """Return what ssh_config says about a host; raise NotReached where it cannot be read.

    + name: as it is called
    + given: `port` and `username` where the caller knows them
    + file: another one than ~/.ssh/config
    """
    said = Configuration(Path(file or DEFAULT_FILE).expanduser()).lookup(name)
    options = Options(
        name=name,
        host=said["hostname"],
        port=given.get("port") or 22,
        user=given.get("username") or said.get("user") or getpass.getuser(),
        said=said,
    )
    return replace(options, port=given.get("port") or options.number("port") or 22)
