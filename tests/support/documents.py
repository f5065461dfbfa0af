"""The document of a run (`--json`), checked against the schema that is published."""

import json
from typing import Any

from jsonschema import Draft202012Validator
from lab_process import ROOT, Pyinfra

SCHEMA = json.loads((ROOT / "docs" / "run.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def parsed(text: str) -> dict[str, Any]:
    """Return a document that is alone in a text, and as the schema says."""
    document: dict[str, Any] = json.loads(text)
    problems = [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]
    assert problems == []
    return document


def document_of(pyinfra: Pyinfra, deploy: str, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run a deploy with `--json`; return the exit code, the document and stderr."""
    code, output, errors = pyinfra.streams(
        "inventory.py", f"deploys/{deploy}.py", "--json",
        "--data", f"snapshot_directory={pyinfra.directory / 'snapshots'}", *arguments,
    )  # fmt: skip
    assert output, errors
    document = parsed(output)
    assert document["exit_code"] == code
    assert document["job"] == deploy
    return code, document, errors
