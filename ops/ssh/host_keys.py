"""What is done about the key of an SSH host: StrictHostKeyChecking, and a line where it refuses."""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paramiko import MissingHostKeyPolicy, PKey, Transport
from pyinfra import logger
from typing_extensions import override

from ops.api.command_line import is_dry_run
from ops.api.live import live_line
from ops.ssh.errors import NotReached
from ops.ssh.known_hosts import KnownHosts, fingerprint, host_names, store

WORDS = ("yes", "accept-new", "ask", "no", "off")


class HostKeyRefused(NotReached):
    """The key of a host is not known, or another one than is known."""


@dataclass(frozen=True)
class Rules:
    """What ssh_config and the data of the host say about keys.

    + strict: StrictHostKeyChecking; where nothing is said, `yes`
    + user_files: UserKnownHostsFile; the first gets new keys
    + global_files: GlobalKnownHostsFile
    + alias: HostKeyAlias
    + hashed: HashKnownHosts
    """

    strict: str = "yes"
    user_files: Sequence[Path] = ()
    global_files: Sequence[Path] = ()
    alias: str | None = None
    hashed: bool = False


# What this run has accepted already: the tunnel and the host itself ask about the same key.
_accepted: set[tuple[str, bytes]] = set()
_lock = threading.RLock()


class HostKey(MissingHostKeyPolicy):
    """Decide about the key that a host shows.

    + host: its address
    + port: its port
    + rules: what is said about its key

    paramiko asks it about every key: the known ones are looked for here, not there.
    """

    def __init__(self, host: str, port: int, rules: Rules) -> None:
        if rules.strict not in WORDS:
            words = ", ".join(WORDS)
            raise HostKeyRefused(f"StrictHostKeyChecking {rules.strict!r} is none of {words}")
        self.rules = rules
        self.address = (host, port)
        self.names = host_names(host, port, rules.alias)
        self.known = KnownHosts(self.names, (*rules.user_files, *rules.global_files))

    def new_transport(self, *arguments: Any, **options: Any) -> Transport:
        """Return a transport that asks the host for a key of the kind that is known, if it can."""
        transport = Transport(*arguments, **options)
        kinds = {key.get_name() for name in self.names for key in self.known.keys(name)}
        if "ssh-rsa" in kinds:  # The same key, with other signatures.
            kinds |= {"rsa-sha2-256", "rsa-sha2-512"}
        security = transport.get_security_options()
        security.key_types = sorted(security.key_types, key=lambda kind: kind not in kinds)
        return transport

    @override
    def missing_host_key(self, client: Any, hostname: str, key: PKey) -> None:
        """Return where the key is known or accepted; raise HostKeyRefused where it is not."""
        if self.known.is_revoked(key):
            raise HostKeyRefused(f"{self._key(key)} is marked @revoked in {self._files()}")
        if any(key in self.known.keys(name) for name in self.names):
            return
        if self.known.keys(self.names[0]):
            raise self._changed(key)
        with _lock:
            it = (self.names[0], key.asbytes())
            if it in _accepted:
                return
            if self.rules.strict == "yes" or (self.rules.strict == "ask" and not self._ask(key)):
                raise self._unknown(key)
            self._accept(key)
            _accepted.add(it)

    def _ask(self, key: PKey) -> bool:
        if not (sys.stdin and sys.stdin.isatty()):
            return False
        question = f"The host key {self._key(key)} is not known. Is it the machine's own (yes/no)? "
        with live_line.hidden():
            return input(question).strip() == "yes"

    def _accept(self, key: PKey) -> None:
        said = f"The host key {self._key(key)} was not known and is accepted"
        if is_dry_run() or not self.rules.user_files:
            logger.warning(f"{said}, and not stored")
            return
        file = self.rules.user_files[0]
        try:
            store(self.names[0], key, file, self.rules.hashed)
        except OSError as error:
            logger.warning(f"{said}, but {file} cannot be written ({error.strerror})")
        else:
            logger.warning(f"{said}, and stored in {file}")

    def _changed(self, key: PKey) -> HostKeyRefused:
        return HostKeyRefused(
            f"the host key has CHANGED: {self._key(key)} is not the one in {self._files()}."
            " Somebody may be listening. Compare it with the machine's own (ssh-keygen -lf); if"
            f" that has a new one, take the old one out: ssh-keygen -R '{self.names[0]}'"
        )

    def _unknown(self, key: PKey) -> HostKeyRefused:
        host, port = self.address
        return HostKeyRefused(
            f"the host key is not known: {self._key(key)} is not in {self._files()}. Compare it"
            " with the machine's own (ssh-keygen -lf there), then connect once with ssh, or add"
            f" what `ssh-keyscan -p {port} {host}` prints, under the name {self.names[0]}"
        )

    def _key(self, key: PKey) -> str:
        return f"{self.names[0]} {key.get_name()} {fingerprint(key)}"

    def _files(self) -> str:
        there = [str(file) for file in self.known.files if file.exists()]
        return ", ".join(there) or next((str(file) for file in self.known.files), "any file")
