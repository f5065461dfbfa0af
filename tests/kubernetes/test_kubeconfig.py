"""What a kubeconfig may say: proxies, a path, http, several files; what the environment may not."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from lab_process import Lab, Pyinfra
from openssh import SSHD, OpenSSH
from relay import Between, Prefix, Proxy

from lab.server.tls import Authority

TOOLBOX = "@pod/gitlab/app=toolbox"
NODE = "10.0.10.201"
PREFIX = "/k8s/clusters/c-m-1"
# Nobody listens there.
DEAD = "http://user:SECRET@127.0.0.1:9"
ENVIRONMENT = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")


@pytest.fixture
def direct(lab: Lab, pyinfra: Pyinfra) -> Pyinfra:
    """pyinfra that goes to the API directly, in an environment that says nothing of proxies."""
    for name in ("NO_PROXY", "no_proxy", *ENVIRONMENT):
        pyinfra.environment.pop(name, None)
    pyinfra.environment["KUBERNETES_VIA"] = ""
    return pyinfra


@pytest.fixture
def config(lab: Lab, direct: Pyinfra, tmp_path: Path) -> Callable[..., Path]:
    """Write the kubeconfig of the lab with other words about the cluster."""

    def write(**cluster: Any) -> Path:
        document = yaml.safe_load(Path(lab.environment["KUBECONFIG"]).read_text())
        known = document["clusters"][0]["cluster"]
        known |= cluster
        document["clusters"][0]["cluster"] = {k: v for k, v in known.items() if v is not None}
        file = tmp_path / "kubeconfig"
        file.write_text(yaml.safe_dump(document))
        direct.environment["KUBECONFIG"] = str(file)
        return file

    return write


@pytest.fixture
def api(lab: Lab) -> int:
    """The port of the API."""
    document = yaml.safe_load(Path(lab.environment["KUBECONFIG"]).read_text())
    return urlsplit(document["clusters"][0]["cluster"]["server"]).port or 0


@pytest.fixture
def between() -> Iterator[Callable[[Between], Any]]:
    servers: list[Between] = []

    def start(server: Between) -> Between:
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


def works(pyinfra: Pyinfra, *settings: str) -> None:
    """A request and a command in a pod."""
    code, output = pyinfra.run("@kubernetes", "exec", *settings, "--", "GET", "/version")
    assert code == 0, output
    assert "gitVersion" in output
    code, output = pyinfra.run(TOOLBOX, "exec", *settings, "--", "echo done-there")
    assert code == 0, output
    assert "done-there" in output
    assert "SECRET" not in output


def refused(pyinfra: Pyinfra, reason: str, *settings: str) -> None:
    code, output = pyinfra.run("@kubernetes", "exec", *settings, "--", "GET", "/version")
    assert code == 1
    assert len([line for line in output.splitlines() if reason in line]) == 1, output
    assert "Traceback" not in output
    assert "SECRET" not in output


def test_the_own_port_of_the_tunnel_goes_through_no_proxy(lab: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.environment |= dict.fromkeys(ENVIRONMENT, DEAD) | {"NO_PROXY": "", "no_proxy": ""}
    ssh_config = f"ssh_config_file={lab.environment['SSH_CONFIG_FILE']}"
    works(pyinfra, "--data", f"kubernetes_via=root@{NODE}", "--data", ssh_config)


def test_this_machine_is_reached_without_a_proxy_of_the_environment(direct: Pyinfra) -> None:
    """As by kubectl, without NO_PROXY."""
    direct.environment |= dict.fromkeys(ENVIRONMENT, DEAD)
    works(direct)


def test_a_proxy_of_the_environment_and_no_proxy(
    direct: Pyinfra, config: Callable[..., Path], between: Callable[[Between], Any], api: int
) -> None:
    proxy = between(Proxy(api))
    config(server="https://api.invalid:6443", **{"tls-server-name": "127.0.0.1"})
    direct.environment["HTTPS_PROXY"] = f"http://127.0.0.1:{proxy.port}"
    works(direct)
    assert {head.split()[1] for head in proxy.heads} == {"api.invalid:6443"}
    proxy.heads.clear()
    direct.environment["NO_PROXY"] = "10.0.0.0/8,.invalid"
    refused(direct, "no answer of the Kubernetes API", "--data", "kubernetes_deadline=1")
    assert not proxy.heads


def test_proxy_url_with_a_password(
    direct: Pyinfra, config: Callable[..., Path], between: Callable[[Between], Any], api: int
) -> None:
    """NO_PROXY is about those of the environment, also for kubectl."""
    proxy = between(Proxy(api, base64.b64encode(b"user:SECRET:2").decode()))
    config(**{"proxy-url": f"http://user:SECRET%3A2@127.0.0.1:{proxy.port}"})
    direct.environment |= dict.fromkeys(ENVIRONMENT, DEAD) | {"NO_PROXY": "*"}
    works(direct)
    assert len(proxy.heads) >= 3
    config(**{"proxy-url": f"http://user:SECRET@127.0.0.1:{proxy.port}"})
    refused(direct, "407", "--data", "kubernetes_deadline=1")


@pytest.mark.parametrize("scheme", ["socks5", "https"])
def test_a_proxy_of_another_kind_is_refused(
    direct: Pyinfra, config: Callable[..., Path], scheme: str
) -> None:
    config(**{"proxy-url": f"{scheme}://user:SECRET@proxy.invalid:1080"})
    words = f"proxy-url of the kubeconfig is {scheme}://proxy.invalid: only a proxy with http://"
    refused(direct, words)
    config(server="https://api.invalid:6443")
    direct.environment["HTTPS_PROXY"] = f"{scheme}://user:SECRET@proxy.invalid:1080"
    refused(direct, f"HTTPS_PROXY or HTTP_PROXY is {scheme}://proxy.invalid: only")


def test_a_proxy_and_a_tunnel_do_not_go_together(
    lab: Lab, direct: Pyinfra, config: Callable[..., Path]
) -> None:
    config(**{"proxy-url": DEAD})
    ssh_config = f"ssh_config_file={lab.environment['SSH_CONFIG_FILE']}"
    via = ("--data", f"kubernetes_via=root@{NODE}", "--data", ssh_config)
    refused(direct, "the kubeconfig has a proxy-url, and kubernetes_via is another way", *via)


def test_a_path_of_the_server(
    direct: Pyinfra, config: Callable[..., Path], between: Callable[[Between], Any], api: int,
    tmp_path: Path,
) -> None:  # fmt: skip
    (tmp_path / "tls").mkdir()
    authority = Authority(tmp_path / "tls")
    context = authority.server_context("rancher", ["127.0.0.1"])
    server = between(Prefix(api, PREFIX, context))
    trusted = {
        "certificate-authority": str(authority.file), "certificate-authority-data": None
    }  # fmt: skip
    config(server=f"https://127.0.0.1:{server.port}{PREFIX}/", **trusted)
    works(direct)


@pytest.mark.skipif(SSHD is None, reason="openssh-server is not here; CI installs it")
def test_a_path_of_the_server_and_a_port_of_the_tunnel(
    direct: Pyinfra, config: Callable[..., Path], between: Callable[[Between], Any], api: int,
    tmp_path: Path,
) -> None:  # fmt: skip
    """kubernetes_via names the port of a real sshd."""
    (tmp_path / "tls").mkdir()
    authority = Authority(tmp_path / "tls")
    context = authority.server_context("rancher", ["127.0.0.1"])
    server = between(Prefix(api, PREFIX, context))
    trusted = {
        "certificate-authority": str(authority.file), "certificate-authority-data": None
    }  # fmt: skip
    config(server=f"https://127.0.0.1:{server.port}{PREFIX}", **trusted)
    (tmp_path / "sshd").mkdir()
    node = OpenSSH(tmp_path / "sshd", NODE, {"A": "b"})
    text = node.config.read_text()
    node.config.write_text(text.replace(f"Port {node.port}", "Port 1"))
    try:
        works(
            direct,
            *("--data", f"kubernetes_via={NODE}:{node.port}"),
            *("--data", f"ssh_config_file={node.config}"),
        )
        assert node.log.read_text().count("Accepted publickey") == 2
    finally:
        node.stop()
    refused(direct, "kubernetes_via", "--data", "kubernetes_via=root@a b:x")


def test_a_server_without_tls(
    direct: Pyinfra, config: Callable[..., Path], between: Callable[[Between], Any], api: int
) -> None:
    server = between(Prefix(api, PREFIX))
    config(server=f"http://127.0.0.1:{server.port}{PREFIX}")
    works(direct)
    code, output = direct.run("@kubernetes", "exec", "--", "GET", "/version")
    assert code == 0
    assert output.count("http://, so the token of the kubeconfig can be read on the way") == 1


def test_files_are_merged_as_by_kubectl(
    lab: Lab, direct: Pyinfra, config: Callable[..., Path], tmp_path: Path
) -> None:
    """The first counts: its current context, its entries as a whole; paths are of its folder."""
    document = yaml.safe_load(config().read_text())
    [user], [cluster], [context] = (document[k] for k in ("users", "clusters", "contexts"))
    token = user["user"].pop("token")
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    for folder in (first, second, third):
        folder.mkdir()
    (first / "token").write_text(token)
    ca = cluster["cluster"]
    if "certificate-authority-data" in ca:
        (second / "ca").write_bytes(base64.b64decode(ca.pop("certificate-authority-data")))
    else:
        (second / "ca").write_bytes(Path(ca["certificate-authority"]).read_bytes())
    ca["certificate-authority"] = "ca"
    other = {"name": cluster["name"], "cluster": {"server": "https://other.invalid"}}
    files = {
        first / "config": {
            "current-context": context["name"],
            "users": [{"name": user["name"], "user": {"tokenFile": "token"}}],
        },
        second / "config": {"clusters": [cluster], "contexts": [context]},
        third / "config": {
            "current-context": "none",
            "users": [{"name": user["name"], "user": {"token": "wrong"}}],
            "clusters": [other],
        },
    }
    for file, content in files.items():
        file.write_text(yaml.safe_dump(content))
    direct.environment["KUBECONFIG"] = ":".join(["", str(tmp_path / "none"), *map(str, files)])
    works(direct)
    direct.environment["KUBECONFIG"] = str(tmp_path / "none")
    refused(direct, f"no kubeconfig is at {tmp_path / 'none'}")


@pytest.mark.skipif(SSHD is None, reason="openssh-server is not here; CI installs it")
def test_files_of_the_far_side_are_merged_as_well(
    lab: Lab, direct: Pyinfra, tmp_path: Path
) -> None:
    document = yaml.safe_load(Path(lab.environment["KUBECONFIG"]).read_text())
    (tmp_path / "users").write_text(yaml.safe_dump({"users": document.pop("users")}))
    (tmp_path / "rest").write_text(f"---\n{yaml.safe_dump(document)}")
    (tmp_path / "sshd").mkdir()
    far = f"{tmp_path}/users:{tmp_path}/none:{tmp_path}/rest"
    node = OpenSSH(tmp_path / "sshd", NODE, {"KUBECONFIG": far})
    direct.environment["KUBECONFIG"] = ""
    try:
        works(
            direct,
            *("--data", f"kubernetes_via={NODE}"),
            *("--data", f"ssh_config_file={node.config}"),
        )
    finally:
        node.stop()
