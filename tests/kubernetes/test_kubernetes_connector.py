"""`@kubernetes`, `@pod` and the tunnel against the practice site."""

import base64
from pathlib import Path

import pytest
import yaml
from lab_process import Lab, Pyinfra

from lab.server.tls import Authority

CRON_JOB = "@kubernetes/gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer"
TOOLBOX = "@pod/gitlab/app=toolbox"
VIA = ("--data", "kubernetes_via=root@10.0.10.201")


@pytest.fixture
def through_ssh(lab: Lab, pyinfra: Pyinfra) -> Pyinfra:
    """pyinfra that has no kubeconfig of its own: it reads the one on the control node."""
    pyinfra.environment["KUBECONFIG"] = ""
    return pyinfra


def ssh_data(lab: Lab) -> tuple[str, ...]:
    return (*VIA, "--data", f"ssh_config_file={lab.environment['SSH_CONFIG_FILE']}")


def test_a_request_as_command_directly(lab: Lab, pyinfra: Pyinfra) -> None:
    path = "/apis/batch/v1/namespaces/gitlab-runner/cronjobs/runner-tag-enforcer"
    code, output = pyinfra.run(CRON_JOB, "exec", "--data", "kubernetes_via=", "--", "GET", path)
    assert code == 0, output
    assert '"schedule": "* * * * *"' in output
    assert not [r for r in lab.requests(system="ssh")]


def test_the_tunnel_and_the_kubeconfig_of_the_far_side(lab: Lab, through_ssh: Pyinfra) -> None:
    code, output = through_ssh.run(CRON_JOB, "exec", *ssh_data(lab), "--", "GET", "/version")
    assert code == 0, output
    forwards = [r["path"] for r in lab.requests(system="ssh") if r["method"] == "FORWARD"]
    assert forwards
    assert set(forwards) == {"10.0.15.250:6443"}


def test_one_ssh_connection_serves_all_hosts_of_the_cluster(lab: Lab, through_ssh: Pyinfra) -> None:
    code, output = through_ssh.run(
        "inventory.py", "fact", "ops.kubernetes.facts.Object", "--limit", "@kubernetes"
    )
    assert code == 0, output
    connections = [r for r in lab.requests(system="ssh") if r["method"] == "CONNECT"]
    assert len(connections) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("@kubernetes/gitlab-runner/cronjobs.v1.batch/none", "404"),
        ("@pod/gitlab/app=none", "no pod is ready with app=none"),
    ],
)
def test_what_is_missing_is_one_line(lab: Lab, pyinfra: Pyinfra, name: str, message: str) -> None:
    code, output = pyinfra.run(name, "exec", "--data", "kubernetes_via=", "--", "GET", "/version")
    assert code == 1
    assert message in output
    assert "Traceback" not in output


@pytest.mark.parametrize("via", ["", "root@10.0.10.201"])
def test_a_command_in_a_pod(lab: Lab, pyinfra: Pyinfra, via: str) -> None:
    settings = ("--data", f"kubernetes_via={via}", *ssh_data(lab)[2:])
    code, output = pyinfra.run(
        TOOLBOX, "exec", *settings, "--", "sh -c 'echo out; echo err >&2; hostname >/dev/null'"
    )
    assert code == 0, output
    assert f"[{TOOLBOX}] out" in output
    assert f"[{TOOLBOX}] err" in output


def test_shell_arguments_are_refused_for_requests(lab: Lab, pyinfra: Pyinfra) -> None:
    text = """
from pyinfra.operations import server
server.shell(name="request", commands=["GET /version"], _chdir="/tmp", _env={"A": "b"})
"""
    code, output = pyinfra.run("@gitlab", pyinfra.write(text), "-y")
    assert code == 1
    assert "_env, _chdir: has no meaning for a request" in output


@pytest.mark.parametrize("name", ["@kubernetes/x", "@pod/toolbox"])
def test_a_name_that_is_none_is_refused_in_words(pyinfra: Pyinfra, name: str) -> None:
    code, output = pyinfra.run(name, "exec", "--", "uptime")
    assert code == 1
    assert "write namespace/" in output
    assert "Traceback" not in output
    assert "internal exception" not in output


def test_a_cut_stream_is_not_taken_for_success(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="exec", action="cut", after_seconds=0.3, command="sleep", times=1)
    code, output = pyinfra.run(
        TOOLBOX, "exec", "--data", "kubernetes_via=", "--", "sh -c 'echo begun; sleep 2'"
    )
    assert code == 1
    assert "unknown whether the command was done" in output


def test_a_wrong_certificate_behind_the_tunnel_is_refused(
    lab: Lab, pyinfra: Pyinfra, tmp_path: Path
) -> None:
    """The kubeconfig names another CA: the tunnel must not make the API trusted."""
    config = yaml.safe_load(Path(lab.environment["KUBECONFIG"]).read_text())
    other = base64.b64encode(Authority(tmp_path).file.read_bytes()).decode()
    config["clusters"][0]["cluster"]["certificate-authority-data"] = other
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    code, output = pyinfra.run(
        CRON_JOB, "exec", *ssh_data(lab), "--", "GET", "/version", KUBECONFIG=str(file)
    )
    assert code == 1
    assert "is not trusted" in output
    assert "Traceback" not in output
