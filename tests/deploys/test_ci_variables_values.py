"""deploys/ci_variables.py: where the values come from, and that nobody sees them."""

import json
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from variables_site import CANARY, KEYS, create, digest, is_done, variables

RAW = "canary$4711!value"


@pytest.mark.parametrize("arguments", [("--dry",), ("-y",)])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("canary1", "it is shorter than 8 characters"),
        ("canary 4711 value", "it holds white space. Choose another value"),
        ("canary!4711 $value", "it holds white space. Choose another value"),
        ("canary-4711\nvalue", "it has more than one line"),
    ],
    ids=["short", "spaces", "spaces among others", "lines"],
)
def test_a_value_that_cannot_be_masked_is_refused_before_anything_is_sent(
    lab: Lab, pyinfra: Pyinfra, value: str, words: str, arguments: tuple[str, ...]
) -> None:
    code, output = pyinfra.deploy("ci_variables", *arguments, DEDUP_KAFKA_PASSWORD=value)
    assert code == 1
    assert f"DEDUP_KAFKA_PASSWORD cannot be masked: {words}" in output
    assert "canary" not in output
    assert "Traceback" not in output
    assert lab.mutations() == []


def test_a_value_that_only_a_raw_variable_masks_makes_it_raw(lab: Lab, pyinfra: Pyinfra) -> None:
    """One variable is missing, the other one is there and neither raw nor masked."""
    new, old = "DEDUP_KAFKA_PASSWORD", "DEDUP_CRDB_PASSWORD"
    code, output = pyinfra.deploy("ci_variables", "--dry", **{new: RAW, old: RAW})
    assert code == 0, output
    assert f"{old} (*).raw: false -> true" in output
    code, output = pyinfra.deploy("ci_variables", "-y", **{new: RAW, old: RAW})
    assert code == 0, output
    sent = [r["body"] for r in lab.requests(mutating="true")]
    assert {body.get("key"): body.get("raw") for body in sent if "key" in body} == {
        "DEDUP_REDIS_PASSWORD": None, "DEDUP_MINIO_PASSWORD": None, new: True,
    }  # fmt: skip
    for key in (new, old):
        variable = variables(lab)[key, "*"]
        assert (variable["digest"], variable["masked"], variable["raw"]) == (
            digest(RAW), True, True,
        )  # fmt: skip
    assert not variables(lab)["DEDUP_REDIS_PASSWORD", "*"]["raw"]
    assert RAW not in output
    count = len(lab.mutations())
    code, output = pyinfra.deploy("ci_variables", "-y", **{new: RAW, old: RAW})
    assert code == 0, output
    assert len(lab.mutations()) == count


def test_a_raw_variable_stays_raw(lab: Lab, pyinfra: Pyinfra) -> None:
    create(lab, key="DEDUP_REDIS_PASSWORD", value=CANARY, raw=True)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)
    assert variables(lab)["DEDUP_REDIS_PASSWORD", "*"]["raw"]


def source(pyinfra: Pyinfra, text: str) -> tuple[int, str]:
    """Run with another source of Kafka's password."""
    return pyinfra.deploy("ci_variables", "-y", DEDUP_KAFKA_PASSWORD_SOURCE=text)


def private(directory: Path, text: str, mode: int = 0o600) -> Path:
    file = directory / "kafka password"
    file.write_text(text)
    file.chmod(mode)
    return file


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("environment:NO_SUCH_VARIABLE", "environment:NO_SUCH_VARIABLE gives no value"),
        ("helper:no-such-program", "no-such-program cannot be read: No such file"),
        ("helper:true", "helper:true gives no value"),
        (f"helper:sh -c 'echo {CANARY[:6]}''{CANARY[6:]}; echo {CANARY[:6]}; exit 3'", "code 3"),
        ("helper:sh -c 'echo", "is no command: No closing quotation"),
        (r"helper:printf \\377\\376", "gives no text"),
        ("file:/no/such/file", "file:/no/such/file cannot be read: No such file"),
        (
            "pass:dedup/kafka",
            "its source is none of environment:NAME, helper:COMMAND and file:PATH",
        ),
    ],
)
def test_a_value_that_is_not_there_is_refused_in_a_line_before_anything_is_sent(
    lab: Lab, pyinfra: Pyinfra, text: str, words: str
) -> None:
    code, output = source(pyinfra, text)
    assert code == 1
    [line] = [line for line in output.splitlines() if words in line]
    assert "DEDUP_KAFKA_PASSWORD: " in line
    assert "Traceback" not in output
    assert CANARY not in output
    assert lab.mutations() == []


def test_a_file_that_others_can_read_is_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    file = private(pyinfra.directory, f"{CANARY}\n", 0o644)
    code, output = source(pyinfra, f"file:{file}")
    assert code == 1
    assert f"{file} can be read by others: chmod 600" in output
    assert CANARY not in output
    assert lab.mutations() == []


@pytest.mark.parametrize("kind", ["file", "helper"])
def test_a_file_and_a_helper_give_the_value(lab: Lab, pyinfra: Pyinfra, kind: str) -> None:
    private(pyinfra.directory, f"{CANARY}\r\na comment\n")
    sources = {"file": "file:~/kafka password", "helper": 'helper:sh -c "cat ~/kafka*"'}
    code, output = source(pyinfra, sources[kind])
    assert code == 0, output
    assert variables(lab)["DEDUP_KAFKA_PASSWORD", "*"]["digest"] == digest(CANARY)
    assert CANARY not in output


@pytest.mark.parametrize(
    "arguments",
    [("--dry", "-vvv"), ("-y", "-vvv"), ("-y", "--json"), ("-y", "--debug"), ("debug-inventory",)],
    ids=" ".join,
)
def test_outputs_and_the_request_log_have_fingerprints_only(
    lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...]
) -> None:
    if arguments[0] == "debug-inventory":
        code, output = pyinfra.run("inventory.py", *arguments)
    else:
        code, output = pyinfra.deploy("ci_variables", *arguments)
        assert "--json" in arguments or "secret:" in output
    assert code == 0, output
    log = json.dumps(lab.requests())
    for key in KEYS:
        assert lab.environment[key] not in output
        assert lab.environment[key] not in log


def test_a_refusal_that_repeats_the_value_is_masked(lab: Lab, pyinfra: Pyinfra) -> None:
    value = lab.environment["DEDUP_REDIS_PASSWORD"]
    body = {"message": {"value": [f"{value} is invalid"]}}
    path = "/variables$"
    lab.fault(system="gitlab", method="POST", path=path, action="status", status=400, body=body)
    code, output = pyinfra.deploy("ci_variables", "-y", "-vvv")
    assert code == 1
    assert "is invalid" in output
    assert value not in output
