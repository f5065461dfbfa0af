"""`--json`: one document, as docs/run.schema.json says, however a run ends."""

import signal
import subprocess
from datetime import datetime, timedelta
from typing import Any

import pytest
from before_jobs import JOBS
from documents import SCHEMA, VALIDATOR, document_of, parsed
from lab_process import ROOT, SCRIPT, Lab, Pyinfra
from limits import LIMIT
from moments import ENDLESS_PROOF, is_proving, wait_for
from pipeline_site import someone

# Much of the site needs attention, and there is neither a snapshot nor a proof, nor a run to undo.
NOT_WELL = ("overview", "restore_runners", "revert_super_users", "undo")
WITHOUT_EVIDENCE = ("--data", "evidence_required=false")


def described(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(map(described, schema))
    if not isinstance(schema, dict):
        return True
    named = [*schema.get("properties", {}).values(), *schema.get("oneOf", [])]
    return all("description" in part for part in named) and all(map(described, schema.values()))


def test_the_schema_is_one_describes_everything_and_takes_nothing_else(lab: Lab) -> None:
    VALIDATOR.check_schema(SCHEMA)
    assert described(SCHEMA)
    assert str(SCHEMA).count("'properties'") == str(SCHEMA).count("'additionalProperties': False")


@pytest.mark.parametrize("deploy", JOBS)
def test_a_preview_of_each_deploy(lab: Lab, pyinfra: Pyinfra, deploy: str) -> None:
    code, document, errors = document_of(pyinfra, deploy, "--dry")
    assert code == (deploy in NOT_WELL), errors
    assert document["is_preview"]
    assert document["results"] == []
    began, ended = (datetime.fromisoformat(document[name]) for name in ("began", "ended"))
    assert began.utcoffset() is not None
    assert abs((ended - began) - timedelta(seconds=document["duration"])) < timedelta(seconds=0.01)
    assert lab.mutations() == []


# Those that end on the site as it is; others wait for what people and jobs do.
@pytest.mark.parametrize(
    "deploy",
    [
        "ci_variables",
        "experiment_rbac",
        "fix_tags",
        "overview",
        "sync_master",
        "widen_changes_filter",
    ],
)
def test_a_run(lab: Lab, pyinfra: Pyinfra, deploy: str) -> None:
    lab.fault(action="set", loss_delay=3600, kafka_roll_seconds=0.5)
    code, document, errors = document_of(pyinfra, deploy, "-y", *WITHOUT_EVIDENCE)
    outcomes = {result["outcome"] for result in document["results"]}
    changed = sum(result["outcome"] == "changed" for result in document["results"])
    assert sum(row["hosts"] for row in document["verdict"]["changed"]) == changed
    assert (document["verdict"]["word"] == "Done") == (code == 0 and changed > 0), errors
    assert "failed" not in outcomes or code == 1
    assert bool(lab.mutations()) <= bool(document["results"])


def test_the_fields_are_the_old_and_new_values(lab: Lab, pyinfra: Pyinfra) -> None:
    _, document, _ = document_of(pyinfra, "fix_tags", "--dry")
    (step,) = [step for step in document["plan"] if step["operation"] == "Set the tags"]
    (entry,) = [entry for entry in step["entries"] if entry["host"] == "@gitlab/runners/6"]
    assert entry == {
        "host": "@gitlab/runners/6",
        "class": "change",
        "reason": None,
        "fields": [{"name": "tag_list", "old": [], "new": ["kubernetes"]}],
        "remarks": [],
        "commands": [{"request": {"method": "PUT", "path": "/runners/6"}}],
    }


def test_a_secret_is_a_fingerprint(lab: Lab, pyinfra: Pyinfra) -> None:
    _, document, _ = document_of(pyinfra, "ci_variables", "--dry")
    entries = [entry for step in document["plan"] for entry in step["entries"]]
    new = [field["new"] for entry in entries for field in entry["fields"] if "new" in field]
    assert any(str(value).startswith("secret:") for value in new)
    secrets = [v for name, v in lab.environment.items() if name.endswith(("_PASSWORD", "_TOKEN"))]
    assert len(secrets) >= 8
    assert not [secret for secret in secrets if secret in str(document)]


def test_overview_names_what_needs_attention_and_the_job(lab: Lab, pyinfra: Pyinfra) -> None:
    code, document, errors = document_of(pyinfra, "overview", "--dry")
    assert code == 1
    assert document["verdict"]["word"] == "Attention"
    need = next(need for need in document["attention"] if need["job"] == "fix_tags")
    assert need["command"] == "pyinfra inventory.py deploys/fix_tags.py --dry"
    assert need["area"] == "Runners"
    assert f"{need['what']}: fix_tags" in errors
    assert document["verdict"]["next"] == document["attention"][0]["command"]


def test_what_has_moved_since_a_saved_plan(lab: Lab, pyinfra: Pyinfra) -> None:
    plan = ("--data", f"plan={pyinfra.directory / 'plan.json'}")
    lab.fault(action="set", loss_delay=3600)
    document_of(pyinfra, "fix_tags", "--dry", *plan)
    someone(lab, "PUT", "/runners/7", {"tag_list": ["macos"]})
    code, document, _ = document_of(pyinfra, "fix_tags", "-y", *plan)
    assert code == 4
    assert document["verdict"]["word"] == "Moved"
    assert document["verdict"]["moved"] == ["Set the tags [@gitlab/runners/7]"]
    assert document["results"] == []


def test_a_wrong_setting_refuses_before_the_first_connection(lab: Lab, pyinfra: Pyinfra) -> None:
    code, document, _ = document_of(pyinfra, "fix_tags", "-y", "--data", "follow_seconds=-1")
    assert code == 1
    assert document["verdict"]["word"] == "Refused"
    assert document["plan"] == document["results"] == []
    assert "follow_seconds is a number" in str(document["verdict"]["left"])
    assert lab.requests() == []


@pytest.mark.parametrize("arguments", [("--dry",), ("-y",)])
def test_every_host_fails(lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...]) -> None:
    lab.fault(system="gitlab", path="", action="status", status=401, times=-1)
    code, document, _ = document_of(pyinfra, "fix_tags", *arguments)
    assert code == 1
    assert document["verdict"]["word"] in ("Failed", "Refused")
    assert document["verdict"]["left"] or document["verdict"]["error"]
    assert lab.mutations() == []


def test_without_y_nothing_is_executed(lab: Lab, pyinfra: Pyinfra) -> None:
    code, document, _ = document_of(pyinfra, "fix_tags")
    assert code == 0
    assert document["verdict"]["word"] == "Pending"
    assert document["results"] == []
    assert lab.mutations() == []


def test_an_interrupted_run_says_what_was_broken_off(lab: Lab, pyinfra: Pyinfra) -> None:
    process = subprocess.Popen(
        [str(SCRIPT), "inventory.py", "deploys/fix_tags.py", "-y", "--json"],
        cwd=ROOT, env={**pyinfra.environment, **ENDLESS_PROOF}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(lambda: is_proving(lab))
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + signal.SIGTERM, errors
    document = parsed(output)
    assert document["exit_code"] == 128 + signal.SIGTERM
    assert document["verdict"]["word"] == "Interrupted"
    by_outcome = {result["operation"]: result["outcome"] for result in document["results"]}
    assert by_outcome["Set the tags"] == "changed"
    assert by_outcome["Prove that the tags last"] == "broken off"
    assert "not run" in by_outcome.values()
