"""The SSH client of this project, also in pyinfra's own connections: ssh_config decides."""

import logging
import os
from collections.abc import Mapping
from typing import Any

from paramiko import AuthenticationException, SSHException
from paramiko.ssh_exception import NoValidConnectionsError
from pyinfra.connectors import ssh
from pyinfra.connectors.sshuserclient import SSHClient
from pyinfra.connectors.sshuserclient.client import _attach_identity_with_certificate
from typing_extensions import override

from ops.api.hooks import replace
from ops.ssh.configuration import Options, look_up
from ops.ssh.errors import NotReached, words
from ops.ssh.host_keys import HostKey
from ops.ssh.proxy import Proxy, Way

KEEPALIVE_SECONDS = 15
CONNECT_SECONDS = 15

# What its threads find is raised as well; without a handler Python prints their tracebacks.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


def use_for_pyinfra() -> None:
    """Have pyinfra's SSH hosts connect with this client; called while pyinfra loads config.py."""
    replace(ssh, "SSHClient", lambda original: Client)
    # Its default, accept-new, would stand above ssh_config.
    ssh.connector_data_meta["ssh_strict_host_key_checking"].default = None


class Client(SSHClient):
    """Connect to a host as ssh does, and refuse an unknown key where ssh_config does not allow it.

    + way: to the host, where it is a jump host
    """

    def __init__(self, way: Way | None = None) -> None:
        super().__init__()
        self._proxy = Proxy(Client, way or Way())
        self._limit = (way and way.seconds) or CONNECT_SECONDS
        self._known_hosts: str | None = None

    @override
    def connect(  # type: ignore[override]
        self,
        hostname: str,
        _pyinfra_ssh_known_hosts_file: str | None = None,
        timeout: float | None = None,
        **settings: Any,
    ) -> None:
        """Connect; raise SSHException, with one line, where that is not possible.

        + timeout: in seconds, where ssh_config has no ConnectTimeout for the host
        """
        self._known_hosts = _pyinfra_ssh_known_hosts_file
        self._limit = timeout or self._limit
        try:
            super().connect(hostname, **settings)  # type: ignore[no-untyped-call]
        except (NotReached, AuthenticationException):
            self.close()
            raise
        except (SSHException, OSError, EOFError) as error:
            problem = self._proxy.problem() or self._reason(error)
            self.close()
            raise NotReached(problem) from None

    @override
    def close(self) -> None:
        """Close the connection, and those to the jump hosts before it."""
        super().close()
        self._proxy.close()

    @override
    def parse_config(
        self,
        hostname: str,
        initial_cfg: Mapping[str, Any] | None = None,
        ssh_config_file: str | None = None,
        strict_host_key_checking: str | None = None,
    ) -> tuple[Any, ...]:
        """Return what pyinfra's client connects with, in the order that it wants."""
        given = initial_cfg or {}
        options = look_up(hostname, given, ssh_config_file)
        rules = options.rules(strict_host_key_checking, self._known_hosts)
        host_key = HostKey(options.host, options.port, rules)
        limit = self._limit = options.number("connecttimeout") or self._limit
        settings = {
            **dict.fromkeys(
                ("timeout", "banner_timeout", "auth_timeout", "channel_timeout"), limit
            ),
            "port": options.port,
            "username": options.user,
            "transport_factory": host_key.new_transport,
            **_identity(options, given),
        }
        if sock := self._proxy.open(options, limit, ssh_config_file):
            settings["sock"] = sock
        keepalive = options.number("serveraliveinterval")
        return (
            options.host,
            settings,
            options.text("forwardagent") == "yes",
            host_key,
            (),  # The policy looks for known keys, and paramiko for none.
            KEEPALIVE_SECONDS if keepalive is None else keepalive,
            os.path.expanduser(options.text("identityagent")) or None,
        )

    def _reason(self, error: Exception) -> str:
        through = f" through ProxyCommand `{self._proxy.command}`" if self._proxy.command else ""
        if isinstance(error, NoValidConnectionsError):
            return "; ".join(
                f"{host}:{port}: {cause.strerror if isinstance(cause, OSError) else cause}"
                for (host, port, *_), cause in error.errors.items()
            )
        silent = ("No existing session", "Error reading SSH protocol banner")
        if isinstance(error, TimeoutError) or str(error).startswith(silent):
            return f"no answer of an SSH server{through} in {self._limit:g} s"
        return f"{words(error)}{through}"


def _identity(options: Options, given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "identityfile" in options.said and "pkey" not in given:
        found["key_filename"] = options.said["identityfile"]
        _attach_identity_with_certificate(found, dict(options.said))
    return found
