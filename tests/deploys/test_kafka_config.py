"""deploys/kafka_config.py: the three places, byte for byte."""

import base64
import json

import pytest
from kafka_config_site import (
    BOOTSTRAP,
    COMMITS,
    CONFIG_MAP_FILE,
    JSON_FILE,
    KAFKA,
    OLD_PASSWORD,
    PATCH,
    TITLE,
    is_done,
    places,
    wanted,
)
from lab_process import Lab, Pyinfra
from remotes import file_of, log_of, run_git, served


def test_the_preview_shows_nested_values_and_writes_nothing(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = lab.object("ConfigMap", "dedup-experiment-config")
    code, output = pyinfra.deploy("kafka_config", "--dry", "-v")
    assert code == 0, output
    for line in (
        f"config.json: {KAFKA}.port: 9092 -> 9094",
        f'config.json: {KAFKA}.user: "" -> "dedup-lab"',
        f'config.json: metrics_trace.kafka_bootstrap: "{BOOTSTRAP[:-1]}2" -> "{BOOTSTRAP}"',
        f"{JSON_FILE}: {KAFKA}.port: 9092 -> 9094",
        f'{JSON_FILE}: metrics_trace.kafka_bootstrap: "{BOOTSTRAP[:-1]}2" -> "{BOOTSTRAP}"',
        f"{CONFIG_MAP_FILE}: {KAFKA}.port: 9092 -> 9094",
        "would POST /projects/280/repository/commits",
    ):
        assert line in output, line
    # Each difference is shown once, where it is made.
    assert output.count(f"{KAFKA}.password: secret:") == 3
    now = f"values that differ now: 4 in ConfigMap, 4 in {JSON_FILE}, 4 in {CONFIG_MAP_FILE}"
    assert now in output
    assert lab.mutations() == []
    patches = [r for r in lab.requests() if r["method"] == "PATCH"]
    assert patches
    assert all(r["query"].get("dryRun") == "All" for r in patches)
    assert lab.object("ConfigMap", "dedup-experiment-config") == before
    assert lab.heads("gitlab")["development"] == start


def test_all_three_places_have_the_values_and_nothing_else_is_changed(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = {**places(lab), "file": file_of(lab, CONFIG_MAP_FILE)}
    metadata = lab.object("ConfigMap", "dedup-experiment-config")["metadata"]
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    is_done(lab, start)
    after = {**places(lab), "file": file_of(lab, CONFIG_MAP_FILE)}
    assert after == {place: wanted(text) for place, text in before.items()}
    assert log_of(lab, start) == [TITLE]
    changed = run_git(served(lab, "gitlab"), "diff", "--name-only", start, "development")
    assert sorted(changed.split()) == [CONFIG_MAP_FILE, JSON_FILE]
    assert (
        lab.object("ConfigMap", "dedup-experiment-config")["metadata"]["labels"]
        == (metadata["labels"])
    )
    assert lab.mutations() == [PATCH, COMMITS]
    code, output = pyinfra.deploy("kafka_config", "-y", "-v")
    assert code == 0, output
    assert "the three places agree" in output
    assert lab.mutations() == [PATCH, COMMITS]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--dry", "-vvv"),
        ("--dry", "-vv"),
        ("--dry", "--json"),
        ("-y", "-vvv"),
        ("-y", "-vv"),
        ("-y", "--json"),
        ("-y", "--debug"),
    ],
    ids=" ".join,
)
def test_no_output_has_the_password(lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...]) -> None:
    encoded = base64.b64encode(file_of(lab, JSON_FILE).encode()).decode()
    code, output = pyinfra.deploy("kafka_config", *arguments)
    assert code == 0, output
    assert OLD_PASSWORD not in output
    assert encoded not in output
    assert "9094" in output


def test_the_file_gets_the_password_of_nobody(lab: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.deploy("kafka_config", "-y")
    sent = [r["body"] for r in lab.requests(mutating="true")]
    assert sent
    assert OLD_PASSWORD not in json.dumps(sent)
    assert lab.environment["DEDUP_KAFKA_PASSWORD"] not in json.dumps(sent)
