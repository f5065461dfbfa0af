"""No secret is in the record or the report of a run, whichever way it came in."""

import json
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from record_files import all_of

CANARY = "canary-4712-value"
SHORT = "c4n4ry"  # Shorter than what is kept out of all texts.

INVENTORY = f"""
from ops.api.secret import Secret
hosts = [("@gitlab", {{"password": Secret({CANARY!r})}})]
"""
DEPLOY = """
from pyinfra import host
from ops.api.operation import operation
from ops.http.request import Request

@operation
def send(value, path):
    yield Request("PUT", path, {"description": value}, changes=[f"value: {value}"])

send(host.data.password, "/runners/6", name="Send a secret")
"""


def texts(pyinfra: Pyinfra) -> str:
    runs = Path(pyinfra.environment["RECORD_DIRECTORY"])
    assert all_of(runs)
    assert len(list(runs.rglob("report.html"))) == len(all_of(runs))
    return "\n".join(path.read_text() for path in runs.rglob("*") if path.is_file())


@pytest.mark.parametrize("status", [None, 400])
def test_a_secret_that_is_sent(lab: Lab, pyinfra: Pyinfra, status: int | None) -> None:
    lab.fault(action="set", loss_delay=3600)
    if status:
        body = {"message": {"value": [f"{CANARY} is invalid"]}}
        lab.fault(system="gitlab", method="PUT", path="", action="status", status=status, body=body)
    inventory = pyinfra.directory / "inventory.py"
    inventory.write_text(INVENTORY)
    pyinfra.run(str(inventory), pyinfra.write(DEPLOY), "-y")
    assert "Send a secret" in texts(pyinfra)
    assert CANARY not in texts(pyinfra)


def test_the_values_of_variables(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    names = [name for name in pyinfra.environment if name.startswith("DEDUP_")]
    assert names
    text = texts(pyinfra)
    assert "secret:" in text
    for name in (*names, "GITLAB_TOKEN"):
        assert pyinfra.environment[name] not in text


@pytest.mark.parametrize("secret", [CANARY, SHORT])
@pytest.mark.parametrize(
    "arguments",
    [
        ("--data", "some_password={}"),
        ("--data=some_token={}",),
        ("--data", 'values={{"name": "{}"}}'),
        ("--ssh-password", "{}"),
        ("--key-password={}",),
    ],
)
def test_arguments(lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...], secret: str) -> None:
    """Nor is it in the command that the verdict names as the next one."""
    text = DEPLOY.replace("host.data.password", "'a description'")
    lab.fault(
        system="gitlab", method="PUT", path="", action="status", status=400, body={}
    )  # So that the next command is this one.
    given = [argument.format(secret) for argument in arguments]
    code, output = pyinfra.run("@gitlab", pyinfra.write(text), "-y", *given)
    assert code == 1, output
    assert "next:     mend that, then pyinfra @gitlab " in output
    assert secret not in output
    assert secret not in texts(pyinfra)
    [record] = all_of(Path(pyinfra.environment["RECORD_DIRECTORY"]))
    assert "***" in json.dumps(record["arguments"])
