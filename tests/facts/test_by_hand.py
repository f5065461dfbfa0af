"""Every fact, asked for by hand against the practice site: pyinfra prints it as JSON."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from asked_facts import ASKED, COMMANDS, PROJECT, RESOURCES, facts, known
from lab_process import Lab, Pyinfra

from ops.api.operation import UNREADABLE

BROKER = "@pod/kafka/strimzi.io/broker-role=true/kafka"
# Facts that are read in a shell: fact -> the host that is asked, and the arguments.
IN_A_SHELL: dict[str, tuple[str, dict[str, Any]]] = {
    "git.RepositoryProblem": ("@local", {"directory": "CLONE"}),
    "git.RemoteBranches": (
        "@local", {"directory": "CLONE", "remote": "gitlab", "token_variable": "GITLAB_TOKEN"}
    ),
    "git.CommitsBetween": (
        "@local",
        {
            "directory": "CLONE", "fetched": [["gitlab", "master"], ["gitlab", "development"]],
            "old": "gitlab/master", "new": "gitlab/development",
            "token_variables": {"gitlab": "GITLAB_TOKEN"},
        },
    ),
    "shell.DetachedJob": ("@local", {"job": "none", "patterns": ["a", "b"]}),
    "kafka.Offsets": (
        BROKER,
        {"server": "localhost:9092", "topics": ["dedup-lab-metrics"], "time": "latest"},
    ),
    "tag_repair.MigrationFile": (
        "@pod/gitlab/app=toolbox", {"directory": "RAILS", "migration": "MIGRATION"}
    ),
}  # fmt: skip
ALL = ASKED | IN_A_SHELL
HOSTS = sorted({host for host, _ in ALL.values()})


def asked_for(lab: Lab, host: str) -> list[str]:
    """The words of a command line that asks a host for all its facts."""
    words = []
    for name, (other, given) in ALL.items():
        if other == host:
            fact = facts()[name]
            arguments = known(lab, given).items()
            texts = [(k, v if isinstance(v, str) else json.dumps(v)) for k, v in arguments]
            words += [f"{fact.__module__}.{fact.__name__}", *(f"{k}={v}" for k, v in texts)]
    return words


def test_every_fact_is_asked_for() -> None:
    """A fact that the practice site cannot answer has case files (test_cases.py)."""
    assert set(COMMANDS) == set(IN_A_SHELL)
    assert set(ASKED) <= set(RESOURCES)


@pytest.mark.parametrize("host", HOSTS)
def test_json_comes_out(lab: Lab, pyinfra: Pyinfra, host: str) -> None:
    words = asked_for(lab, host)
    code, output = pyinfra.run(host, "fact", "--json", *words)
    assert code == 0, output
    assert "Traceback" not in output
    found: Mapping[str, Mapping[str, Any]] = json.loads(
        output[output.index("\n{") : output.rindex("}") + 1]
    )
    assert len(found) == sum(other == host for other, _ in ALL.values()), output
    for name, values in found.items():
        assert list(values) == [host], name
        assert values[host] != UNREADABLE.to_json(), name
    assert lab.mutations() == []


def test_variables_are_named_with_their_scope(lab: Lab, pyinfra: Pyinfra) -> None:
    """It ended in a TypeError about keys."""
    code, output = pyinfra.run(PROJECT, "fact", "ops.gitlab.facts.variables.CiVariables")
    assert code == 0, output
    assert '": {' in output and ' (*)": {' in output
