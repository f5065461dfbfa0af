"""A secret appears in no output, log, file or process list, whatever pyinfra is asked to print."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from lab_process import ROOT, Lab, Pyinfra
from processes import process_list, reads_processes

pytestmark = pytest.mark.long

CANARY = "canary-4711-value"

# An inventory and a deploy that use a secret in every place where one can be.
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

send(host.data.password, host.data.path, name="Send a secret")
"""


@pytest.fixture
def secrets(lab: Lab) -> list[str]:
    """The tokens of the site."""
    config = yaml.safe_load(Path(lab.environment["KUBECONFIG"]).read_text())
    return [lab.environment["GITLAB_TOKEN"], config["users"][0]["user"]["token"]]


@pytest.fixture
def inventory(pyinfra: Pyinfra) -> str:
    file = pyinfra.directory / "inventory.py"
    file.write_text(INVENTORY)
    return str(file)


def files_below(directory: Path) -> Iterator[tuple[Path, str]]:
    for path in directory.rglob("*"):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            yield path, path.read_text(errors="replace")


@reads_processes
@pytest.mark.parametrize(
    "arguments",
    [
        ("--dry",),
        ("--dry", "-vvv"),
        ("--dry", "--json"),
        ("--dry", "--debug-all"),
        ("--debug-operations",),
        ("-y", "-vvv"),
        ("-y", "--json"),
        ("-y", "--debug"),
    ],
)
def test_fix_tags_shows_no_secret(
    lab: Lab, pyinfra: Pyinfra, secrets: list[str], arguments: tuple[str, ...]
) -> None:
    process = pyinfra.start_anew("inventory.py", "deploys/fix_tags.py", *arguments)
    seen = []
    output = None
    while output is None:  # It is read, too, where the process ends between two looks.
        seen.append(process_list())
        with suppress(subprocess.TimeoutExpired):
            output, _ = process.communicate(timeout=0.2)
    assert process.returncode == 0, output
    assert any("deploys/fix_tags.py" in listing for listing in seen)
    for secret in secrets:
        assert secret not in output
        assert not any(secret in listing for listing in seen)
        assert not [path for path, text in files_below(pyinfra.directory) if secret in text]


@pytest.mark.parametrize("path", ["/runners/6", "/runners/99", "/no/such/path"])
@pytest.mark.parametrize("arguments", [("--dry", "-vvv"), ("-y", "-vvv"), ("-y", "--json")])
def test_a_secret_in_a_request_is_sent_and_not_shown(
    lab: Lab, pyinfra: Pyinfra, inventory: str, path: str, arguments: tuple[str, ...]
) -> None:
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=6, tags=["kubernetes"])
    _, output = pyinfra.run(inventory, pyinfra.write(DEPLOY), "--data", f"path={path}", *arguments)
    assert CANARY not in output
    if "--json" not in arguments:
        assert "value: secret:" in output
    sent = [r["body"] for r in lab.requests(mutating="true")]
    assert sent == ([] if "--dry" in arguments else [{"description": CANARY}])


def test_a_refusal_that_repeats_the_secret_is_masked(
    lab: Lab, pyinfra: Pyinfra, inventory: str
) -> None:
    body = {"message": {"value": [f"{CANARY} is invalid"]}}
    lab.fault(system="gitlab", method="PUT", path="", action="status", status=400, body=body)
    code, output = pyinfra.run(
        inventory, pyinfra.write(DEPLOY), "--data", "path=/runners/6", "-y", "-vvv"
    )
    assert code == 1
    assert "is invalid" in output
    assert CANARY not in output


def test_a_traceback_does_not_show_it(lab: Lab, pyinfra: Pyinfra, inventory: str) -> None:
    text = DEPLOY + "\nraise RuntimeError(host.data.password, repr(host.data.password))\n"
    code, output = pyinfra.run(inventory, pyinfra.write(text), "--data", "path=/x", "--debug")
    assert code == 1
    assert "RuntimeError" in output
    assert CANARY not in output
    log = ROOT / "pyinfra-debug.log"
    assert CANARY not in (log.read_text() if log.exists() else "")


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_debug_inventory_shows_the_fingerprint(
    pyinfra: Pyinfra, inventory: str, arguments: tuple[str, ...]
) -> None:
    code, output = pyinfra.run(inventory, "debug-inventory", *arguments)
    assert code == 0, output
    assert "secret:" in output
    assert CANARY not in output
