"""The way to the control node: jump hosts (real sshd), a ProxyCommand, and what ends in words."""

import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from moments import wait_for
from openssh import SSHD, OpenSSH

NODE = "10.0.10.201"
# The same machine, as a host of pyinfra and on the way to the Kubernetes API.
WAYS = {
    "pyinfra": (NODE, "exec", "--", "echo done-there"),
    "tunnel": ("@kubernetes", "exec", "--data", f"kubernetes_via={NODE}", "--", "GET", "/version"),
}
# Far from the two minutes that it once took, and from what a busy machine needs.
SOON = 60

pytestmark = pytest.mark.skipif(
    SSHD is None or shutil.which("ssh") is None,
    reason="openssh-server or openssh-client is not here; CI installs them",
)


class Way:
    """An ssh_config that leads to the control node of the lab, and pyinfra with it."""

    def __init__(self, lab: Lab, pyinfra: Pyinfra, directory: Path) -> None:
        self.pyinfra = pyinfra
        self.theirs = Path(lab.environment["SSH_CONFIG_FILE"]).read_text()
        self.config = directory / "ssh_config"
        pyinfra.environment |= {"KUBECONFIG": ""}

    def write(self, node: str = "", others: str = "", first: str = "") -> None:
        """Write it: what stands before all, what is said of the node, and other hosts."""
        self.config.write_text(f"{first}{self.theirs}{node}{others}")

    def go(self, way: str) -> tuple[int, str]:
        name, verb, *rest = WAYS[way]
        return self.pyinfra.run(name, verb, "--data", f"ssh_config_file={self.config}", *rest)

    def fails(self, way: str, reason: str) -> None:
        """It ends soon, with one line that has the reason."""
        began = time.monotonic()
        code, output = self.go(way)
        assert code == 1, output
        assert time.monotonic() - began < SOON
        assert len([line for line in output.splitlines() if reason in line]) == 1, output
        assert "Traceback" not in output
        assert "Exception" not in output
        assert "SECRET" not in output


@pytest.fixture
def way(lab: Lab, pyinfra: Pyinfra, tmp_path: Path) -> Way:
    return Way(lab, pyinfra, tmp_path)


@pytest.fixture
def port(lab: Lab) -> str:
    """The port of the control node."""
    found = re.search(r"Port (\d+)", Path(lab.environment["SSH_CONFIG_FILE"]).read_text())
    assert found
    return found[1]


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Callable[..., OpenSSH]]:
    servers: list[OpenSSH] = []

    def start(alias: str, **settings: str) -> OpenSSH:
        (tmp_path / alias).mkdir()
        servers.append(OpenSSH(tmp_path / alias, alias, {"A": "b"}, **settings))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def logins(lab: Lab) -> int:
    return len([r for r in lab.requests(system="ssh") if r["method"] == "CONNECT"])


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("nested", [False, True], ids=["one list", "the second names the first"])
def test_two_jump_hosts(
    lab: Lab, way: Way, sshd: Callable[..., OpenSSH], port: str, how: str, nested: bool
) -> None:
    """Each lets nobody go anywhere but to the next one."""
    second = sshd("second", PermitOpen=f"127.0.0.1:{port}")
    first = sshd("first", PermitOpen=f"127.0.0.1:{second.port}")
    texts = first.config.read_text(), second.config.read_text()
    if nested:
        way.write("    ProxyJump second\n", f"{texts[0]}{texts[1]}    ProxyJump first\n")
    else:
        way.write("    ProxyJump first,second\n", "".join(texts))
    code, output = way.go(how)
    assert code == 0, output
    for server in (first, second):
        assert server.log.read_text().count("Accepted publickey") == 1
    assert logins(lab) == 1


def test_the_key_of_a_jump_host_is_checked_as_well(
    lab: Lab, way: Way, sshd: Callable[..., OpenSSH]
) -> None:
    jump = sshd("jump")
    known = jump.config.parent / "known_hosts"
    known.write_text("")
    way.write("    ProxyJump jump\n", jump.config.read_text().replace("g yes", "g ask"))
    way.fails("pyinfra", "jump host jump: the host key is not known")
    assert known.read_text() == ""
    assert logins(lab) == 0


@pytest.mark.parametrize("how", WAYS)
def test_a_jump_host_that_is_down(way: Way, how: str) -> None:
    dead = closed_port()
    way.write("    ProxyJump dead\n", f"Host dead\n    HostName 127.0.0.1\n    Port {dead}\n")
    way.fails(how, f"jump host dead: 127.0.0.1:{dead}: Connection refused")


def test_with_an_own_kubeconfig_the_way_is_tried_once(lab: Lab, way: Way) -> None:
    """It is no lost answer of the API, which would be asked for again until the deadline."""
    dead = closed_port()
    way.pyinfra.environment["KUBECONFIG"] = lab.environment["KUBECONFIG"]
    way.write("    ProxyJump dead\n", f"Host dead\n    HostName 127.0.0.1\n    Port {dead}\n")
    way.fails("tunnel", f"jump host dead: 127.0.0.1:{dead}: Connection refused")


@pytest.mark.parametrize("how", WAYS)
def test_a_jump_host_that_says_nothing(way: Way, silent: int, how: str) -> None:
    """Its own time limit holds, not that of the host behind it."""
    said = f"Host silent\n    HostName 127.0.0.1\n    Port {silent}\n    ConnectTimeout 2\n"
    way.write("    ConnectTimeout 600\n    ProxyJump silent\n", said)
    way.fails(how, "jump host silent: no answer of an SSH server in 2 s")


@pytest.mark.parametrize("how", WAYS)
def test_the_second_jump_host_is_named(
    way: Way, sshd: Callable[..., OpenSSH], silent: int, how: str
) -> None:
    first = sshd("first").config.read_text()
    said = f"Host silent\n    HostName 127.0.0.1\n    Port {silent}\n    ConnectTimeout 2\n"
    way.write("    ProxyJump first,silent\n", first + said)
    way.fails(how, "jump host silent: no answer of an SSH server in 2 s")


def test_a_jump_host_that_may_not_forward(way: Way, sshd: Callable[..., OpenSSH]) -> None:
    jump = sshd("jump", PermitOpen="127.0.0.1:1")
    way.write("    ProxyJump jump\n", jump.config.read_text())
    way.fails("pyinfra", "jump host jump does not reach 127.0.0.1")


def test_jump_hosts_in_a_circle(way: Way) -> None:
    way.write(first="Host *\n    ProxyJump first\n")
    way.fails("pyinfra", f"ProxyJump goes in a circle: {NODE} through first through first")


@pytest.mark.parametrize("how", WAYS)
def test_a_proxy_command(lab: Lab, way: Way, sshd: Callable[..., OpenSSH], how: str) -> None:
    jump = sshd("jump")
    way.write(f"    ProxyCommand ssh -F {jump.config} -W %h:%p jump\n")
    code, output = way.go(how)
    assert code == 0, output
    assert jump.log.read_text().count("Accepted publickey") == 1
    assert logins(lab) == 1


@pytest.mark.parametrize("how", WAYS)
def test_a_proxy_command_that_fails(way: Way, how: str) -> None:
    way.write("    ProxyCommand sh -c 'echo the proxy is gone >&2; exit 3' SECRET\n")
    way.fails(how, "ProxyCommand `sh` ended with exit code 3: the proxy is gone")


@pytest.mark.parametrize("how", WAYS)
def test_a_proxy_command_that_says_nothing(way: Way, tmp_path: Path, how: str) -> None:
    pid = tmp_path / "pid"
    way.write(f"    ConnectTimeout 2\n    ProxyCommand sh -c 'echo $$ > {pid}; exec sleep 600'\n")
    way.fails(how, "no answer of an SSH server through ProxyCommand `sh` in 2 s")
    wait_for(lambda: not Path("/proc", pid.read_text().strip()).exists())


@pytest.mark.parametrize("how", WAYS)
def test_a_match_that_is_not_known_is_named_and_not_used(lab: Lab, way: Way, how: str) -> None:
    way.write(first="Match localnetwork 127.0.0.0/8\n    Port 1\n    HostName 192.0.2.1\n")
    code, output = way.go(how)
    assert code == 0, output
    assert output.count(f"{way.config}:1: `Match localnetwork` is not known here") == 1
    assert logins(lab) == 1


def test_a_match_for_another_host_is_no_news(lab: Lab, way: Way) -> None:
    way.write(first="Match originalhost other tagged x\n    Port 1\n")
    code, output = way.go("pyinfra")
    assert code == 0, output
    assert "is not known here" not in output


def test_what_a_match_and_an_included_file_say(lab: Lab, way: Way, port: str) -> None:
    """A program is asked, criteria are of any case, and a block ends with the file it stands in."""
    other = way.config.parent / "other"
    other.write_text("Host unrelated\n    Port 1\n")
    way.write(
        first=f'Match Host {NODE} exec "test 1 = 2"\n    Port 1\n'
        f'Match OriginalHost {NODE} exec "test %n = {NODE}"\n    Include other\n    Port {port}\n'
    )
    way.config.write_text(way.config.read_text().replace(f"Port {port}\n    User", "User"))
    code, output = way.go("pyinfra")
    assert code == 0, output
    assert logins(lab) == 1


def test_a_connection_is_kept_alive(way: Way, sshd: Callable[..., OpenSSH], tmp_path: Path) -> None:
    """Also where nothing is said about that."""
    server = sshd(NODE, LogLevel="DEBUG3")
    data = ("--data", f"ssh_config_file={server.config}")
    process = way.pyinfra.start(NODE, "exec", *data, "--", "sleep 600")
    try:
        wait_for(lambda: "keepalive@lag.net" in server.log.read_text())
    finally:
        process.kill()
        process.communicate()
