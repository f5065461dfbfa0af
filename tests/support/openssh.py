"""A private OpenSSH server on a loopback port, for tests of what travels over SSH."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from limits import LIMIT

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class OpenSSH:
    """An sshd of this user's, for this user; `config` is an ssh_config that reaches it.

    + directory: an empty directory for keys and logs
    + alias: the name by which it is reached
    + environment: variables that its sessions have
    + more: other settings of sshd
    """

    def __init__(
        self, directory: Path, alias: str, environment: dict[str, str], **more: str
    ) -> None:
        assert SSHD is not None
        directory.chmod(0o700)
        for key in ("host_key", "identity"):
            arguments = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / key)]
            subprocess.run(arguments, check=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # sshd wants it for privilege separation.
        settings = {
            "ListenAddress": f"127.0.0.1:{self.port}",
            "HostKey": directory / "host_key",
            "AuthorizedKeysFile": directory / "identity.pub",
            "PidFile": directory / "pid",
            "PasswordAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
            "StrictModes": "no",
            "UsePAM": "no",
            "AllowTcpForwarding": "local",
            "Subsystem": "sftp internal-sftp",
            "SetEnv": " ".join(f"{name}={value}" for name, value in environment.items()),
            **more,
        }
        lines = "".join(f"{name} {value}\n" for name, value in settings.items() if value)
        (directory / "sshd_config").write_text(lines)
        public = (directory / "host_key.pub").read_text()
        (directory / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {public}")
        self.config = directory / "ssh_config"
        self.config.write_text(
            f"Host {alias}\n    HostName 127.0.0.1\n    Port {self.port}\n"
            f"    User {getpass.getuser()}\n    IdentityFile {directory / 'identity'}\n"
            f"    IdentitiesOnly yes\n    UserKnownHostsFile {directory / 'known_hosts'}\n"
            "    StrictHostKeyChecking yes\n"
        )
        self.log = directory / "log"
        arguments = [SSHD, "-D", "-f", str(directory / "sshd_config"), "-E", str(self.log)]
        self.process = subprocess.Popen(arguments, start_new_session=True)
        self._wait()

    def drop_connections(self) -> None:
        """Kill all sessions; the server itself goes on."""
        for pid in self._children(self.process.pid):
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(LIMIT)

    def _wait(self) -> None:
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"sshd did not start: {self.log.read_text()}")

    def _children(self, parent: int) -> list[int]:
        return [
            int(pid)
            for path in Path(f"/proc/{parent}/task").glob("*/children")
            for pid in path.read_text().split()
        ]
