"""Keys of SSH hosts: what ssh_config says holds, for pyinfra's own connection and the tunnel."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest
from lab_process import Lab, Pyinfra

NODE = "10.0.10.201"
# The same machine, as a host of pyinfra and on the way to the Kubernetes API.
WAYS = {
    "pyinfra": (NODE, "exec", "--", "echo", "done-there"),
    "tunnel": ("@kubernetes", "exec", "--data", f"kubernetes_via={NODE}", "--", "GET", "/version"),
}


@pytest.fixture
def configure(lab: Lab, pyinfra: Pyinfra, tmp_path: Path) -> Callable[..., Path]:
    """Write an ssh_config for the control node and return the known_hosts that it names."""

    def write(known: str = "", **said: str) -> Path:
        file = tmp_path / "known_hosts"
        file.write_text(known)
        said = {"UserKnownHostsFile": str(file), "GlobalKnownHostsFile": "none", **said}
        theirs = Path(lab.environment["SSH_CONFIG_FILE"]).read_text().splitlines()
        ours = [line for line in theirs if not re.search("KnownHostsFile|StrictHost", line)]
        lines = [*ours, *(f"    {name} {value}" for name, value in said.items() if value)]
        config = tmp_path / "ssh_config"
        config.write_text("\n".join(lines) + "\n")
        pyinfra.environment |= {"SSH_CONFIG_FILE": str(config), "KUBECONFIG": ""}
        return file

    return write


def lab_key(lab: Lab) -> str:
    """The lab's own line of known_hosts, without the names."""
    line = (Path(lab.environment["SSH_CONFIG_FILE"]).parent / "known_hosts").read_text()
    return line.partition(" ")[2].strip()


def port(lab: Lab) -> str:
    found = re.search(r"Port (\d+)", Path(lab.environment["SSH_CONFIG_FILE"]).read_text())
    assert found
    return found[1]


def name(lab: Lab) -> str:
    return f"[127.0.0.1]:{port(lab)}"


def other_key() -> str:
    return asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()


def go(pyinfra: Pyinfra, way: str, *arguments: str) -> tuple[int, str]:
    first, *rest = WAYS[way]
    file = pyinfra.environment["SSH_CONFIG_FILE"]
    return pyinfra.run(first, rest[0], "--data", f"ssh_config_file={file}", *arguments, *rest[1:])


def logins(lab: Lab) -> int:
    return len([r for r in lab.requests(system="ssh") if r["method"] == "CONNECT"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("strict", ["", "yes", "ask"])
def test_an_unknown_key_is_refused_in_one_line(
    lab: Lab, pyinfra: Pyinfra, configure: Callable[..., Path], way: str, strict: str
) -> None:
    """Also where nothing is said, and where ssh would ask: there is no terminal."""
    file = configure(StrictHostKeyChecking=strict)
    code, output = go(pyinfra, way)
    assert code == 1
    key = subprocess.run(
        ["ssh-keygen", "-lf", "-"], input=lab_key(lab), capture_output=True, text=True
    )
    bits, digest, *_, kind = key.stdout.split()
    [line] = [line for line in output.splitlines() if "host key is not known" in line]
    assert f"{name(lab)} ssh-ed25519 {bits} {digest} {kind} is not in {file}" in line
    assert f"ssh-keyscan -p {port(lab)} 127.0.0.1" in line
    assert "Traceback" not in output
    assert file.read_text() == ""
    assert logins(lab) == 0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("strict", ["accept-new", "no"])
def test_what_ssh_config_accepts_is_stored(
    lab: Lab, pyinfra: Pyinfra, configure: Callable[..., Path], way: str, strict: str
) -> None:
    file = configure("# no newline at its end", StrictHostKeyChecking=strict)
    code, output = go(pyinfra, way)
    assert code == 0, output
    kind, key = lab_key(lab).split()[:2]
    assert file.read_text() == f"# no newline at its end\n{name(lab)} {kind} {key}\n"
    assert f"and stored in {file}" in output
    assert go(pyinfra, way)[0] == 0
    assert len(file.read_text().splitlines()) == 2


@pytest.mark.parametrize("limit", [NODE, "@kubernetes"])
def test_a_preview_stores_nothing(
    lab: Lab, pyinfra: Pyinfra, configure: Callable[..., Path], limit: str
) -> None:
    file = configure(StrictHostKeyChecking="accept-new")
    deploy = pyinfra.write("""
from pyinfra.operations import server
server.shell(name="Nothing", commands=["true"])
""")
    via = {"KUBERNETES_VIA": f"root@{NODE}"}
    code, output = pyinfra.run("inventory.py", deploy, "--dry", "--limit", limit, **via)
    assert code == 0, output
    assert "is accepted, and not stored" in output
    assert file.read_text() == ""
    assert logins(lab) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("strict", ["", "no", "accept-new"])
def test_a_changed_key_is_always_refused(
    lab: Lab, pyinfra: Pyinfra, configure: Callable[..., Path], way: str, strict: str
) -> None:
    known = f"{name(lab)} {other_key()}\n"
    file = configure(known, StrictHostKeyChecking=strict)
    code, output = go(pyinfra, way)
    assert code == 1
    [line] = [line for line in output.splitlines() if "host key has CHANGED" in line]
    assert f"is not the one in {file}" in line
    assert f"ssh-keygen -R '{name(lab)}'" in line
    assert file.read_text() == known
    assert logins(lab) == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_revoked_key_is_refused(
    lab: Lab, pyinfra: Pyinfra, configure: Callable[..., Path], way: str
) -> None:
    configure(f"@revoked * {lab_key(lab)}\n", StrictHostKeyChecking="no")
    code, output = go(pyinfra, way)
    assert code == 1
    assert "is marked @revoked" in output
    assert logins(lab) == 0


@pytest.mark.parametrize("way", WAYS)
def test_the_key_may_stand_where_ssh_looks_for_it(
    lab: Lab, pyinfra: Pyinfra, configure: Callable[..., Path], way: str, tmp_path: Path
) -> None:
    """Under an alias, without the port, hashed, after an old one, in the global or second file."""
    key = lab_key(lab)
    configure(f"pve1 {key}\n", HostKeyAlias="pve1")
    assert go(pyinfra, way)[0] == 0
    configure(f"127.0.0.1 {key}\n")
    assert go(pyinfra, way)[0] == 0
    configure(f"{name(lab)} {other_key()}\n{name(lab)} {key}\n")
    assert go(pyinfra, way)[0] == 0
    second = tmp_path / "second file"
    second.write_text(f"{name(lab)} {key}\n")
    configure(GlobalKnownHostsFile=f'"{second}"')
    assert go(pyinfra, way)[0] == 0
    configure(UserKnownHostsFile=f'"{tmp_path}/none" "%d/second file"')
    assert go(pyinfra, way)[0] == 0


def test_a_stored_name_is_hashed_where_that_is_wanted(
    lab: Lab, pyinfra: Pyinfra, configure: Callable[..., Path]
) -> None:
    file = configure(StrictHostKeyChecking="accept-new", HashKnownHosts="yes")
    assert go(pyinfra, "pyinfra")[0] == 0
    assert file.read_text().startswith("|1|")
    found = subprocess.run(
        ["ssh-keygen", "-F", name(lab), "-f", str(file)], capture_output=True, text=True
    )
    assert lab_key(lab).split()[1] in found.stdout
    configure(file.read_text())
    assert go(pyinfra, "pyinfra")[0] == 0


@pytest.mark.parametrize("way", WAYS)
def test_the_data_of_the_host_stands_above_ssh_config(
    lab: Lab, pyinfra: Pyinfra, configure: Callable[..., Path], way: str, tmp_path: Path
) -> None:
    file = configure(StrictHostKeyChecking="accept-new")
    code, output = go(pyinfra, way, "--data", "ssh_strict_host_key_checking=yes")
    assert code == 1
    assert "host key is not known" in output
    own = tmp_path / "own"
    own.write_text(f"{name(lab)} {lab_key(lab)}\n")
    code, output = go(pyinfra, way, "--data", f"ssh_known_hosts_file={own}")
    assert code == 0, output
    code, output = go(pyinfra, way, "--data", "ssh_strict_host_key_checking=maybe")
    assert code == 1
    assert "StrictHostKeyChecking 'maybe' is none of yes, accept-new, ask, no, off" in output
    assert file.read_text() == ""


def test_the_own_ssh_config_is_read(
    lab: Lab, pyinfra: Pyinfra, configure: Callable[..., Path], tmp_path: Path
) -> None:
    """`~/.ssh/config` is what group_data names; pyinfra looks for a folder called `~`."""
    configure(f"{name(lab)} {lab_key(lab)}\n")
    (tmp_path / ".ssh").mkdir()
    Path(pyinfra.environment.pop("SSH_CONFIG_FILE")).rename(tmp_path / ".ssh" / "config")
    code, output = pyinfra.run("inventory.py", "exec", "--limit", NODE, "--", "echo done-there")
    assert code == 0, output
    assert "done-there" in output
