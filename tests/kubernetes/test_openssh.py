"""What travels over SSH, against a real OpenSSH server; testinfra asserts what it left behind."""

import getpass
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import testinfra
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import RELAXED, TAGS, wait_for
from openssh import SSHD, OpenSSH

NODE = "10.0.10.201"
CRON_JOB = "@kubernetes/gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer"

pytestmark = pytest.mark.skipif(
    SSHD is None or shutil.which("ssh-keygen") is None,
    reason="openssh-server or openssh-client is not here; CI installs them",
)


@pytest.fixture
def node(lab: Lab, pyinfra: Pyinfra, tmp_path: Path) -> Iterator[OpenSSH]:
    """A control node whose far side has the kubeconfig; pyinfra itself has none."""
    (tmp_path / "sshd").mkdir()
    far_side = {"KUBECONFIG": lab.environment["KUBECONFIG"], "HOME": str(tmp_path)}
    server = OpenSSH(tmp_path / "sshd", NODE, far_side)
    pyinfra.environment |= {
        "KUBECONFIG": "",
        "SSH_CONFIG_FILE": str(server.config),
        "KUBERNETES_VIA": f"{getpass.getuser()}@{NODE}",
    }
    yield server
    server.stop()


def test_the_tunnel_reads_the_kubeconfig_of_the_far_side(
    lab: Lab, pyinfra: Pyinfra, node: OpenSSH
) -> None:
    code, output = pyinfra.run(
        "inventory.py", "fact", "ops.kubernetes.facts.Object", "--limit", "@kubernetes"
    )
    assert code == 0, output
    assert '"schedule": "* * * * *"' in output
    assert node.log.read_text().count("Accepted publickey") == 1


def test_an_unknown_host_key_is_refused_in_words(lab: Lab, pyinfra: Pyinfra, node: OpenSSH) -> None:
    other = Path(node.config.parent, "known_hosts")
    other.write_text(
        other.read_text().replace("AAAAC3NzaC1lZDI1NTE5AAAAI", "AAAAC3NzaC1lZDI1NTE5AAAAJ")
    )
    code, output = pyinfra.run(
        "inventory.py", "fact", "ops.kubernetes.facts.Object", "--limit", "@kubernetes"
    )
    assert code == 1
    assert f"{NODE} cannot be reached over SSH" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("while printf x; do sleep 0.2; done", "did not come to its end in 3 s"),
        ("printf x; exec sleep 3600", "did not come to its end in 3 s"),
        ("exec yes >&2", "did not come to its end in 3 s"),
        ("exec cat /dev/zero", "has more than 128 MiB, of which the rest was not read"),
    ],
    ids=["a byte now and then", "silence", "errors without end", "zeros without end"],
)
def test_a_kubeconfig_of_the_far_side_that_does_not_end(
    lab: Lab, pyinfra: Pyinfra, tmp_path: Path, command: str, words: str
) -> None:
    (tmp_path / "sshd").mkdir()
    server = OpenSSH(tmp_path / "sshd", NODE, {}, ForceCommand=command)
    pyinfra.environment |= {"KUBECONFIG": "", "SSH_CONFIG_FILE": str(server.config)}
    via = f"{getpass.getuser()}@{NODE}"
    seconds = LIMIT if "MiB" in words else 3
    try:
        code, output = pyinfra.run(
            CRON_JOB, "fact", "ops.kubernetes.facts.Object",
            "--data", f"kubernetes_via={via}", "--data", f"kubernetes_deadline={seconds}",
        )  # fmt: skip
    finally:
        server.stop()
    assert code == 1
    assert f"{via}: the kubeconfig {words}" in output
    assert "Traceback" not in output


def test_fix_tags_runs_through_it_and_outlives_dropped_connections(
    lab: Lab, pyinfra: Pyinfra, node: OpenSSH
) -> None:
    lab.fault(action="set", rake_down=2)
    process = pyinfra.start_anew("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: any("down" in call["task"] for call in lab.state()["rake"]))
    node.drop_connections()
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert lab.tags() == TAGS
    assert lab.enforcer() == RELAXED
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]


def test_a_detached_job_leaves_its_state_on_the_host(
    lab: Lab, pyinfra: Pyinfra, node: OpenSSH, tmp_path: Path
) -> None:
    text = """
from ops.shell import detached
detached.command(name="Job", command="echo some output; exit 0", job="example", interval=0.2)
"""
    code, output = pyinfra.run("inventory.py", pyinfra.write(text), "-y", "--limit", NODE)
    assert code == 0, output
    host = testinfra.get_host(f"ssh://{NODE}", ssh_config=str(node.config))
    job = f"{host.check_output('echo $HOME')}/.local/state/detached/example"
    assert host.file(f"{job}/exit").content_string == "0\n"
    assert host.file(f"{job}/log").content_string == "some output\n"
    assert host.file(f"{job}/command").mode == 0o600
    assert host.file(job).mode == 0o700
