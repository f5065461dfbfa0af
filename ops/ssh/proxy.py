"""The way to an SSH host that is not reached directly: ProxyJump and ProxyCommand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from paramiko import SSHException

from ops.ssh.address import Address
from ops.ssh.command_socket import CommandSocket
from ops.ssh.configuration import Options
from ops.ssh.errors import NotReached, words


class Hop(Protocol):
    """The client of a jump host."""

    def connect(self, hostname: str, **settings: Any) -> None:
        """Connect to it."""

    def get_transport(self) -> Any:
        """Return what channels are opened in."""

    def close(self) -> None:
        """Close it, and those before it."""


@dataclass(frozen=True)
class Way:
    """How a jump host is reached.

    + jumps: those before it, in the ProxyJump that it stands in; where there are none, its own
      part of ssh_config says how
    + passed: the hosts that are reached through it, the last one first
    + seconds: the limit where ssh_config has no ConnectTimeout for it
    """

    jumps: Sequence[str] = ()
    passed: Sequence[str] = ()
    seconds: float | None = None


class Proxy:
    """Open the connection to a host through what ssh_config says.

    + new_client: makes the client of a jump host
    + way: to the host
    """

    def __init__(self, new_client: Callable[[Way], Hop], way: Way) -> None:
        self._new_client = new_client
        self._way = way
        self._hop: Hop | None = None
        self._command: CommandSocket | None = None

    def open(self, options: Options, seconds: float, file: str | None) -> Any:
        """Return a connected socket, or None where the host is reached directly.

        + options: of the host
        + seconds: its limit
        + file: the ssh_config
        """
        said = options.expand(options.text("proxyjump"))
        jumps = self._way.jumps or [part.strip() for part in said.split(",") if part.strip()]
        command = options.expand(options.text("proxycommand"))
        if jumps:
            return self._jump(options, jumps, seconds, file)
        if command:
            self._command = CommandSocket(command)
            return self._command.socket
        return None

    def problem(self) -> str:
        """Return why a ProxyCommand is no way to the host; empty where it is, or there is none."""
        reason = self._command.problem() if self._command else ""
        return f"ProxyCommand `{self.command}` {reason}" if reason else ""

    @property
    def command(self) -> str:
        """The program of the ProxyCommand, if there is one; its arguments may be secret."""
        return self._command.command.split()[0] if self._command else ""

    def close(self) -> None:
        """Close what was opened."""
        for opened in (self._hop, self._command):
            if opened is not None:
                opened.close()

    def _jump(
        self, options: Options, jumps: Sequence[str], seconds: float, file: str | None
    ) -> Any:
        *before, last = jumps
        try:
            hop = Address.parse(last)
        except ValueError as error:
            raise NotReached(f"ProxyJump of {options.name}: {error}") from None
        passed = [*self._way.passed, options.name]
        if hop.host in passed:
            circle = " through ".join([*passed, hop.host])
            raise NotReached(f"ProxyJump goes in a circle: {circle}")
        self._hop = self._new_client(Way(before, passed, seconds))
        try:
            self._hop.connect(hop.host, _pyinfra_ssh_config_file=file, **hop.settings())
        except _ThroughJump:
            raise
        except SSHException as error:
            raise _ThroughJump(f"its jump host {hop.host}: {error}") from None
        target = (options.host, options.port)
        try:
            return self._hop.get_transport().open_channel(
                "direct-tcpip", target, ("127.0.0.1", 0), timeout=seconds
            )
        except (SSHException, OSError, EOFError) as error:
            where = f"{target[0]}:{target[1]}"
            raise _ThroughJump(
                f"its jump host {hop.host} does not reach {where}: {words(error)}"
            ) from None


class _ThroughJump(NotReached):
    pass
