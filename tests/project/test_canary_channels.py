"""Ways on which a secret could get out that are not the output of a job: URLs, tracebacks, logs,
programs that are started. Each value is a new one, and is looked for in all of them."""

import os
import secrets
import shutil
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from lab_process import ROOT, Lab, Pyinfra

pytestmark = pytest.mark.long

LOG = ROOT / "pyinfra-debug.log"


@pytest.fixture
def canary() -> str:
    return f"canary-{secrets.token_hex(8)}"


def with_user(url: str, password: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"operator:{password}@{parts.netloc}").geturl()


def log_text() -> str:
    return LOG.read_text() if LOG.exists() else ""


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_credentials_in_the_url_of_gitlab(
    lab: Lab, pyinfra: Pyinfra, canary: str, arguments: tuple[str, ...]
) -> None:
    url = with_user(lab.environment["GITLAB_URL"], canary)
    code, output = pyinfra.run("inventory.py", "debug-inventory", *arguments, GITLAB_URL=url)
    assert code == 0, output
    assert urlsplit(lab.environment["GITLAB_URL"]).netloc in output
    assert "://***@" in output
    assert canary not in output


@pytest.mark.parametrize("variable", ["GITLAB_URL", "HTTPS_PROXY"])
def test_credentials_in_an_address_that_does_not_answer(
    lab: Lab, pyinfra: Pyinfra, canary: str, variable: str
) -> None:
    address = {
        "GITLAB_URL": f"https://operator:{canary}@localhost:1",
        "HTTPS_PROXY": f"http://operator:{canary}@localhost:1",
    }
    values = {variable: address[variable], "NO_PROXY": "none.invalid", "no_proxy": "none.invalid"}
    code, output = pyinfra.run(
        "@gitlab", "exec", "--data", "gitlab_deadline=1", "--", "GET", "/version", **values
    )
    assert code == 1, output
    assert "no answer from" in output
    assert canary not in output + log_text()


def test_credentials_in_a_remote(lab: Lab, pyinfra: Pyinfra, canary: str) -> None:
    clone = Path(lab.environment["OPERATOR_CLONE"]).expanduser()
    copy = pyinfra.directory / "clone"
    shutil.copytree(clone, copy)
    config = copy / ".git" / "config"
    text = config.read_text()
    url = next(line for line in text.splitlines() if line.strip().startswith("url"))
    other = f"\turl = http://operator:{canary}@localhost:1/group/project.git"
    config.write_text(text.replace(url, other))
    code, output = pyinfra.deploy("sync_master", "--dry", "-vvv", OPERATOR_CLONE=str(copy))
    assert code == 1, output
    assert "localhost" in output
    assert canary not in output


def kubeconfig(lab: Lab, directory: Path, **user: object) -> dict[str, str]:
    document = yaml.safe_load(Path(lab.environment["KUBECONFIG"]).read_text())
    document["users"][0]["user"] = user
    file = directory / "kubeconfig"
    file.write_text(yaml.safe_dump(document))
    return {"KUBECONFIG": str(file), "KUBERNETES_VIA": ""}


@pytest.mark.parametrize("name", ["@kubernetes", "@pod/gitlab/app=toolbox"])
def test_a_token_with_a_line_break(lab: Lab, pyinfra: Pyinfra, canary: str, name: str) -> None:
    values = kubeconfig(lab, pyinfra.directory, token=f"{canary}\n{canary}")
    command = ("GET", "/version") if name == "@kubernetes" else ("uptime",)
    code, output = pyinfra.run(name, "exec", "--debug", "--", *command, **values)
    assert code == 1
    assert "token has characters that no token has" in output
    assert "Traceback" not in output
    assert canary not in output + log_text()


FACT = """
from pyinfra.api import FactBase

class Value:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

class Loud(FactBase):
    def command(self):
        return "printf x"

    def process(self, output):  # pyinfra cannot print it, and says so with a traceback.
        import ops.api.environment
        return Value("token " + ops.api.environment.variable("GITLAB_TOKEN")
                     + " https://operator:CANARY@host/")
"""


def test_the_log_of_an_unexpected_error_is_private(lab: Lab, pyinfra: Pyinfra, canary: str) -> None:
    (pyinfra.directory / "odd_facts.py").write_text(FACT.replace("CANARY", canary))
    LOG.touch(0o644)
    LOG.chmod(0o644)
    code, output = pyinfra.run(
        *("@local", "fact", "odd_facts.Loud", "--debug"),
        PYTHONPATH=str(pyinfra.directory), GITLAB_TOKEN=f"token-{canary}",
    )  # fmt: skip
    assert code == 1
    assert "Cannot serialize" in output
    assert "Cannot serialize" in log_text()
    assert canary not in output + log_text()
    assert stat.S_IMODE(LOG.stat().st_mode) == 0o600
    LOG.unlink()


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_the_fact_of_a_whole_file(lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...]) -> None:
    code, output = pyinfra.run(
        "inventory.py", "fact", "ops.gitlab.facts.repository.RepositoryFile",
        "path=src/cpp/config.example.json", "ref=development", "--limit", "project", *arguments,
    )  # fmt: skip
    assert code == 0, output
    assert "secret:" in output
    assert '"databases"' not in output + log_text()
    assert "Traceback" not in output


def spy(directory: Path, name: str, then: str) -> Path:
    """A program that leaves its environment in a file before it does what it is for."""
    file = directory / "spies" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'#!/bin/sh\nenv > "{directory}/seen-{name}-$$"\n{then}\n')
    file.chmod(0o755)
    return file


def seen(directory: Path, name: str) -> list[str]:
    found = [path.read_text() for path in directory.glob(f"seen-{name}-*")]
    assert found, f"{name} was not started"
    return found


@pytest.fixture
def values(canary: str) -> dict[str, str]:
    """The variables of secrets: of the job ci_variables, and of another remote."""
    names = ("PG", "CRDB", "REDIS", "MARIADB", "MINIO", "KAFKA")
    return {f"DEDUP_{name}_PASSWORD": f"{name}-{canary}" for name in names}


def test_git_gets_the_tokens_of_its_remotes_alone(
    lab: Lab, pyinfra: Pyinfra, values: dict[str, str], canary: str
) -> None:
    git = spy(pyinfra.directory, "git", f'exec {shutil.which("git")} "$@"')
    path = f"{git.parent}:{os.environ['PATH']}"
    code, output = pyinfra.deploy("sync_master", "--dry", PATH=path, **values)
    assert code == 0, output
    found = seen(pyinfra.directory, "git")
    assert not [text for text in found if canary in text]
    token = f"GITLAB_TOKEN={lab.environment['GITLAB_TOKEN']}"
    assert [text for text in found if token in text]
    assert [text for text in found if token not in text]


def test_a_helper_of_a_password_store_gets_no_other_secret(
    lab: Lab, pyinfra: Pyinfra, values: dict[str, str], canary: str
) -> None:
    helper = spy(pyinfra.directory, "helper", "echo a-value-of-the-store")
    del values["DEDUP_PG_PASSWORD"]
    source = {"DEDUP_PG_PASSWORD_SOURCE": f"helper:{helper}"}
    code, output = pyinfra.deploy("ci_variables", "--dry", **values, **source)
    assert code == 0, output
    for text in seen(pyinfra.directory, "helper"):
        assert canary not in text
        assert lab.environment["GITLAB_TOKEN"] not in text
    assert canary not in output
    assert "a-value-of-the-store" not in output


def test_a_plugin_of_the_kubeconfig_gets_none(
    lab: Lab, pyinfra: Pyinfra, values: dict[str, str], canary: str
) -> None:
    document = yaml.safe_load(Path(lab.environment["KUBECONFIG"]).read_text())
    token = document["users"][0]["user"]["token"]
    answer = (
        '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",'
        f' "status": {{"token": "{token}"}}}}'
    )
    plugin = spy(pyinfra.directory, "plugin", f"echo '{answer}'")
    said = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(plugin),
        "interactiveMode": "Never",
    }
    config = kubeconfig(lab, pyinfra.directory, exec=said)
    code, output = pyinfra.run(
        "inventory.py", "fact", "ops.kubernetes.facts.Object", "--limit", "enforcer",
        **config, **values,
    )  # fmt: skip
    assert code == 0, output
    assert "runner-tag-enforcer" in output
    for text in seen(pyinfra.directory, "plugin"):
        assert canary not in text
        assert lab.environment["GITLAB_TOKEN"] not in text


def test_a_proxy_command_gets_none(
    lab: Lab, pyinfra: Pyinfra, values: dict[str, str], canary: str
) -> None:
    proxy = spy(pyinfra.directory, "proxy", "exit 3")
    config = pyinfra.directory / "ssh_config"
    config.write_text(f"Host *\n    ProxyCommand {proxy}\n")
    code, output = pyinfra.run(
        "inventory.py", "exec", "--limit", "control_node", "--", "true",
        SSH_CONFIG_FILE=str(config), **values,
    )  # fmt: skip
    assert code == 1, output
    for text in seen(pyinfra.directory, "proxy"):
        assert canary not in text
        assert lab.environment["GITLAB_TOKEN"] not in text


@pytest.mark.parametrize(
    "arguments", [("inventory.py", "exec", "--limit", "@local", "--"), ("@local", "exec", "--")]
)
def test_a_command_on_this_machine_gets_what_it_names(
    lab: Lab, pyinfra: Pyinfra, values: dict[str, str], arguments: tuple[str, ...]
) -> None:
    code, output = pyinfra.run(*arguments, "env", **values)
    assert code == 0, output
    assert "PATH=" in output
    assert "DEDUP_KAFKA_PASSWORD" not in output
    assert "GITLAB_TOKEN" not in output
    code, output = pyinfra.run(
        *arguments, 'test -n "$DEDUP_KAFKA_PASSWORD" && echo there', **values
    )
    assert code == 0, output
    assert "there" in output
