"""deploys/ci_variables.py against the practice site: six masked variables, values unseen."""

import hashlib
import json
from pathlib import Path
from typing import Any

import gitlab
import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for

KEYS = [f"DEDUP_{name}_PASSWORD" for name in ("PG", "CRDB", "REDIS", "MARIADB", "MINIO", "KAFKA")]
MISSING = ["DEDUP_REDIS_PASSWORD", "DEDUP_MINIO_PASSWORD", "DEDUP_KAFKA_PASSWORD"]
COLLECTION = "/api/v4/projects/280/variables"
DONE = [f"PUT {COLLECTION}/DEDUP_CRDB_PASSWORD", *[f"POST {COLLECTION}"] * 3]
CANARY = "canary-4711-value"

Variable = dict[str, Any]


def variables(lab: Lab) -> dict[tuple[str, str], Variable]:
    return {(v["key"], v["environment_scope"]): v for v in lab.project()["variables"]}


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def create(lab: Lab, **body: Any) -> None:
    """Add a variable as a colleague would."""
    environment = lab.environment
    with gitlab.Gitlab(
        environment["GITLAB_URL"],
        private_token=environment["GITLAB_TOKEN"],
        ssl_verify=environment["GITLAB_CA_FILE"],
    ) as client:
        client.http_post("/projects/280/variables", post_data=body)


def is_done(lab: Lab, scope: str = "*") -> None:
    found = variables(lab)
    for key in KEYS:
        variable = found[key, scope]
        assert variable["masked"], key
        assert variable["digest"] == digest(lab.environment[key]), key


def test_all_six_exist_masked_with_the_values_of_the_store(lab: Lab, pyinfra: Pyinfra) -> None:
    before = variables(lab)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)
    after = variables(lab)
    assert set(after) == set(before) | {(key, "*") for key in KEYS}
    untouched = ("RESULTS_BUCKET", "*"), ("DEDUP_PG_PASSWORD", "*")
    assert [after[name] for name in untouched] == [before[name] for name in untouched]
    assert sorted(lab.mutations()) == sorted(DONE)
    code, output = pyinfra.deploy("ci_variables", "-y", "-v")
    assert code == 0, output
    assert sorted(lab.mutations()) == sorted(DONE)
    for key in KEYS:
        assert f"{key} (*) is as wanted" in output


def test_the_preview_shows_each_change_and_sends_none(lab: Lab, pyinfra: Pyinfra) -> None:
    before = variables(lab)
    code, output = pyinfra.deploy("ci_variables", "--dry")
    assert code == 0, output
    assert lab.mutations() == []
    assert variables(lab) == before
    assert "DEDUP_CRDB_PASSWORD (*).masked: false -> true" in output
    for key in MISSING:
        assert f"{key} (*): (absent) -> secret:" in output
    assert "DEDUP_PG_PASSWORD" not in output


def test_only_what_differs_is_sent(lab: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.deploy("ci_variables", "-y")
    [put] = [r for r in lab.requests(mutating="true") if r["method"] == "PUT"]
    assert put["body"] == {"masked": True}


def test_a_value_that_changed_in_the_store_is_set(lab: Lab, pyinfra: Pyinfra) -> None:
    new = "another-value-4711"
    code, output = pyinfra.deploy("ci_variables", "-y", DEDUP_PG_PASSWORD=new)
    assert code == 0, output
    assert variables(lab)["DEDUP_PG_PASSWORD", "*"]["digest"] == digest(new)
    assert "DEDUP_PG_PASSWORD (*).value: secret:" in output
    assert new not in output


def test_the_same_key_in_another_scope_is_another_variable(lab: Lab, pyinfra: Pyinfra) -> None:
    value = "of-production-4711"
    create(lab, key="DEDUP_CRDB_PASSWORD", value=value, environment_scope="production")
    create(lab, key="DEDUP_KAFKA_PASSWORD", value=value, environment_scope="production")
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)
    for key in ("DEDUP_CRDB_PASSWORD", "DEDUP_KAFKA_PASSWORD"):
        other = variables(lab)[key, "production"]
        assert (other["digest"], other["masked"]) == (digest(value), False)
    sent = len(lab.mutations())
    code, output = pyinfra.deploy("ci_variables", "-y", "--data", "ci_variables_scope=production")
    assert code == 0, output
    is_done(lab, "production")
    is_done(lab)
    assert len(lab.mutations()) == sent + 6


def test_a_hidden_variable_is_explained_and_not_compared(lab: Lab, pyinfra: Pyinfra) -> None:
    settings = {"key": "DEDUP_REDIS_PASSWORD", "value": CANARY, "masked_and_hidden": True}
    create(lab, **settings)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    assert "DEDUP_REDIS_PASSWORD (*) is hidden: its value is not compared" in output
    assert variables(lab)["DEDUP_REDIS_PASSWORD", "*"]["digest"] == digest(CANARY)
    assert not [path for path in lab.mutations() if "REDIS" in path]


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


RAW = "canary$4711!value"


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


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("action", ["apply_then_hang", "apply_then_reset"])
def test_after_a_lost_answer_the_variable_is_read_and_not_sent_twice(
    lab: Lab, pyinfra: Pyinfra, method: str, action: str
) -> None:
    lab.fault(system="gitlab", method=method, path="/variables", action=action, seconds=1)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    assert "but it was done (read again)" in output
    is_done(lab)
    assert sorted(lab.mutations()) == sorted(DONE)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_request_that_was_lost_is_said_and_a_rerun_does_the_rest(
    lab: Lab, pyinfra: Pyinfra, method: str
) -> None:
    lab.fault(system="gitlab", method=method, path="/variables", action="reset")
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 1
    assert "reading again shows that it was not done. Run again." in output
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)


@pytest.mark.parametrize(
    ("value", "masked"),
    [("another-value-4711", True), ("another-value-4711", False), ("", False)],
    ids=["another value", "another value unmasked", "the value unmasked"],
)
def test_after_a_lost_answer_a_variable_of_somebody_else_is_not_taken_for_the_own_one(
    lab: Lab, pyinfra: Pyinfra, value: str, masked: bool
) -> None:
    """Somebody makes the variable while the answer is awaited; GitLab never got the request."""
    key = "DEDUP_REDIS_PASSWORD"
    value = value or lab.environment[key]
    lab.fault(system="gitlab", method="POST", path="/variables$", action="timeout", seconds=2)
    process = pyinfra.start("inventory.py", "deploys/ci_variables.py", "-y")
    wait_for(lambda: [r for r in lab.requests(mutating="true") if r["method"] == "POST"])
    create(lab, key=key, value=value, masked=masked)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "reading again shows that it was not done. Run again." in output
    assert "but it was done" not in output
    assert value not in output
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)


def test_killed_in_the_middle_and_run_again(lab: Lab, pyinfra: Pyinfra) -> None:
    fault = {"action": "apply_then_hang", "seconds": 30, "skip": 1}
    lab.fault(system="gitlab", method="POST", path="/variables$", **fault)
    process = pyinfra.start("inventory.py", "deploys/ci_variables.py", "-y")
    wait_for(lambda: ("DEDUP_MINIO_PASSWORD", "*") in variables(lab))
    kill(process)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)
    assert sorted(lab.mutations()) == sorted(DONE)


def test_variables_that_cannot_be_read_are_not_taken_for_missing(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    path = "/variables$"
    lab.fault(system="gitlab", method="GET", path=path, action="status", status=403, times=-1)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 1
    assert "403" in output
    assert "nothing is changed" in output
    assert lab.mutations() == []
