"""Hosts that are asked only when a job needs them, ones that a job makes, and stdin of pods."""

import pytest
from lab_process import Lab, Pyinfra

INVENTORY = """
later = {{"connect_when_needed": True, "kubernetes_via": ""}}
made = {{"connect_when_needed": True, "may_be_missing": {may_be_missing}, "kubernetes_via": ""}}
here = [("@kubernetes", {{"kubernetes_via": ""}})]
missing = [
    ("@kubernetes/kafka/secrets/none", later),
    ("@gitlab/projects/999", later),
    ("@pod/kafka/app=none", later),
]
role = [("@kubernetes/-/clusterroles.v1.rbac.authorization.k8s.io/none", made)]
"""
HERE = """
from pyinfra import host
from ops.kubernetes import rbac
if "here" in host.groups:
    rbac.access_review(name="Ask", account="system:serviceaccount:a:b", rules=[], namespaces=[])
"""
ASK = """
from pyinfra import host
from ops.api.operation import read
from ops.kubernetes.facts import Object
if "role" in host.groups:
    print("live is", read(host, Object))
"""


def inventory(pyinfra: Pyinfra, may_be_missing: bool = True) -> str:
    file = pyinfra.directory / "inventory.py"
    file.write_text(INVENTORY.format(may_be_missing=may_be_missing))
    return str(file)


def test_a_job_runs_although_hosts_that_it_does_not_need_are_missing(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.run(inventory(pyinfra), pyinfra.write(HERE), "-y")
    assert code == 0, output
    asked = [r["path"] for r in lab.requests() if "none" in r["path"] or "999" in r["path"]]
    assert asked == []


@pytest.mark.parametrize(
    ("host", "command", "message"),
    [
        (
            "@kubernetes/kafka/secrets/none", "GET /version",
            "GET /api/v1/namespaces/kafka/secrets/none -> 404",
        ),
        ("@gitlab/projects/999", "GET /version", "GET /projects/999 -> 404"),
        ("@pod/kafka/app=none", "true", "no pod is ready with app=none in namespace kafka"),
    ],
)  # fmt: skip
def test_the_first_use_of_a_missing_host_is_reported_in_one_line(
    lab: Lab, pyinfra: Pyinfra, host: str, command: str, message: str
) -> None:
    file = inventory(pyinfra)
    code, output = pyinfra.run(file, "exec", "--limit", host, "--", *command.split())
    assert code == 1
    assert len([line for line in output.splitlines() if message in line]) == 1, output
    assert "Traceback" not in output


def test_what_a_job_makes_may_be_missing(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(inventory(pyinfra), pyinfra.write(ASK), "--dry")
    assert code == 0, output
    assert "live is None" in output


def test_what_no_job_makes_must_be_there(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(inventory(pyinfra, False), pyinfra.write(ASK), "--dry")
    assert code == 1
    assert "-> 404" in output
    assert "its state could not be read" in output


@pytest.mark.parametrize("stdin", ["a line", ["one", "two words", "$(three) 'four' \"five\" é"]])
def test_a_pod_gets_stdin_and_its_end(lab: Lab, pyinfra: Pyinfra, stdin: str | list[str]) -> None:
    lines = [stdin] if isinstance(stdin, str) else stdin
    text = f"""
from pyinfra.operations import server
server.shell(name="Read", commands=["cat >received; echo read to the end"], _stdin={stdin!r})
"""
    pod = "@pod/gitlab/app=toolbox"
    code, output = pyinfra.run(pod, pyinfra.write(text), "-y", "--data", "kubernetes_via=")
    assert code == 0, output
    _, output = pyinfra.run(pod, "exec", "--data", "kubernetes_via=", "--", "cat received")
    received = [line.removeprefix(f"[{pod}] ") for line in output.splitlines() if pod in line]
    assert [line for line in lines if line not in "\n".join(received)] == []
