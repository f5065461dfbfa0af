"""The settings of the site against their types: what is wrong is named, each in one line."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from group_files import values
from pyinfra.api.exceptions import InventoryError

from ops.api.hooks import ListedInventory
from ops.site.settings import Project, Runners, Toolbox, look

Hosts = Sequence[tuple[str, Mapping[str, Any]]]
RUNNER = ("@gitlab/runners/17", {"description": "four", "tags": ["kubernetes"]})
OTHER = ("@gitlab/runners/18", {"description": "five", "tags": ["linux"]})
ALL = {"kubernetes_via": "", "ssh_config_file": "~/.ssh/config", "watch_interval": 5}


@pytest.fixture(autouse=True)
def no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no group_data here, so a message calls a group by its name."""
    monkeypatch.chdir(tmp_path)


def inventory(
    runners: Hosts = (RUNNER, OTHER),
    data: Mapping[str, Any] | None = None,
    override: Mapping[str, Any] | None = None,
    **groups: tuple[Hosts, Mapping[str, Any]],
) -> ListedInventory:
    hosts = [*runners, *(host for more, _ in groups.values() for host in more)]
    data = {"allow_tag_removal": False} if data is None else data
    names = list(dict.fromkeys(name for name, _ in hosts))
    found = {"runners": (list(runners), dict(data)), **groups}
    return ListedInventory((names, dict(ALL)), dict(override or {}), **found)


def problems(found: ListedInventory, **texts: str) -> list[str]:
    return look(found, "inventory.py", texts)


def test_what_is_right_has_no_problem() -> None:
    assert problems(inventory()) == []


def test_values_get_their_types() -> None:
    found = inventory(data={"allow_tag_removal": "no"}, override={"watch_interval": "2.5"})
    assert problems(found) == []
    data = found.get_host("@gitlab/runners/17").data
    assert data.allow_tag_removal is False
    assert data.watch_interval == 2.5
    assert Runners.of(found).allow_tag_removal is False


def test_what_was_typed_counts_and_not_what_pyinfra_made_of_it() -> None:
    found = inventory(override={"sasl_required_commit": 12345e7, "gitlab_timeout": 5})
    assert problems(found, sasl_required_commit="12345e7", gitlab_timeout="5") == []
    assert found.override_data == {"sasl_required_commit": "12345e7", "gitlab_timeout": 5}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"watch_intervall": "s3cret"}, "there is no setting watch_intervall (the nearest is wat"),
        ({"gitlab_tokn": "s3cret"}, "there is no setting gitlab_tokn (the nearest is gitlab_token"),
        ({"xyz": "s3cret"}, "there is no setting xyz"),
        ({"gitlab_token": "s3cret"}, "gitlab_token is a Secret, not what is given (not shown)"),
        ({"experiment_config_values": "s3cret"}, "experiment_config_values is a value for each JS"),
        (
            {"ci_variables": "s3cret"},
            "ci_variables is a source for each name, not what is given (not shown)",
        ),
        ({"gitlab_timeout": "-1"}, "gitlab_timeout is a number greater than 0, not '-1'"),
        ({"changes_filter_paths": "a,{b,c}"}, "changes_filter_paths is a list of texts, not 'a,"),
        ({"evidence_jobs": "a("}, "evidence_jobs is a regular expression, not 'a(': missing )"),
        ({"enforcer_schedule": "60 * * * *"}, "enforcer_schedule is a schedule that Kubernetes"),
        ({"newest_pipelines": "0"}, "newest_pipelines is a whole number from 1 to 10000, not '0'"),
        ({"kafka_port": "kafka"}, "kafka_port is a port, from 1 to 65535, not 'kafka'"),
        ({"kafka_port": "65536"}, "kafka_port is a port, from 1 to 65535, not '65536'"),
        ({"kafka_host": "kafka:9092"}, "kafka_host is the name of a host, not 'kafka:9092'"),
        (
            {"evidence_wanted": "ready {prt}"},
            "evidence_wanted is a regular expression, not 'ready {prt}': there is no {prt}; the",
        ),
        (
            {"experiment_config_values": '{"$.a": ["{Port}", "s3cret"]}'},
            "experiment_config_values is a value for each JSONPath, as JSON, not what is given (not"
            " shown): it names a part that the endpoint does not have; those are",
        ),
        (
            {"experiment_config_values": '{"$.a": "s3cret", "kafka.port": 9094}'},
            "experiment_config_values is a value for each JSONPath, as JSON, not what is given (not"
            " shown): 'kafka.port' is no JSONPath (RFC 9535): ",
        ),
        ({"database_namespaces": "a"}, "database_namespaces makes names of hosts, which are there"),
        ({"removed_super_users": "ANONYMOUS"}, "removed_super_users is a list of Kafka's users"),
        ({"experiment_rules": '[{"verb": ["get"]}]'}, "experiment_rules is rules of a role, not"),
        (
            {"experiment_rules": '[{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}]'},
            "experiment_rules is rules of a role, not",
        ),
        (
            {"experiment_rules": '[{"verbs": ["get"], "resources": ["pods"]}]'},
            "experiment_rules is rules of a role, not",
        ),
        (
            {"gitlab_url": "gitlab.example.org"},
            "gitlab_url is a URL, https://HOST, or empty, not 'gitl",
        ),
    ],
)
def test_data_of_the_command_line(override: dict[str, str], message: str) -> None:
    (line,) = problems(inventory(override=override), **override)
    assert line.startswith(f"--data: {message}")
    assert "s3cret" not in line
    assert "\n" not in line


def test_a_source_that_is_none_is_named_and_not_shown() -> None:
    override = {"ci_variables": '{"KAFKA": "environment:X", "REDIS": "hunter2"}'}
    (line,) = problems(inventory(override=override), **override)
    assert line.endswith(
        "REDIS: its source is none of environment:NAME, helper:COMMAND and file:PATH"
    )
    assert "hunter2" not in line


def test_all_problems_are_told_at_once() -> None:
    found = inventory(
        [RUNNER, ("@gitlab/runners/18", {"description": "five", "tags": "linux"})],
        {"allow_tag_removal": "maybe"},
        {"watch_interval": "5m"},
    )
    assert problems(found) == [
        "--data: watch_interval is a number greater than 0, not '5m'",
        "group runners: allow_tag_removal is true or false, not 'maybe'",
        "inventory.py: @gitlab/runners/18: tags is a list of tags, not 'linux'",
    ]


def runner(number: str, **data: Any) -> tuple[str, dict[str, Any]]:
    return (f"@gitlab/runners/{number}", {"description": number, "tags": ["a"], **data})


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        ([runner("17", tags=[" a"])], "@gitlab/runners/17: tags is a list of tags, not [' a']: "),
        ([runner("17", tags=["a,b"])], "'a,b' is no tag: it has a comma"),
        ([runner("17", tags=["x" * 256])], "it has 256 characters, GitLab allows 255"),
        ([runner("17", tags=[str(n) for n in range(51)])], "51 tags, GitLab allows 50"),
        ([runner("17", tags=[1])], "tags is a list of tags, not [1]"),
        ([runner("17", description="")], "description is text that is not empty, not ''"),
        ([runner("17", description=17)], "description is text that is not empty, not 17"),
        ([runner("17", desciption="x")], "no setting desciption (the nearest is description)"),
        ([runner("17", ci_branch="x")], "ci_branch is a setting of project: move it to group proj"),
        ([("@gitlab/runners/17", {"tags": ["a"]}), OTHER], "@gitlab/runners/17: description is mi"),
        ([runner("17"), runner("17")], "inventory.py: runners has @gitlab/runners/17 2 times"),
        ([runner("17"), runner("017")], "@gitlab/runners/17 again"),
        ([runner("17"), runner("17/")], "this is @gitlab/runners/17 again"),
        ([runner("seventeen")], "@gitlab/runners/seventeen: a runner is @gitlab/runners/ID"),
        ([("@gitlab/projects/1", RUNNER[1])], "@gitlab/projects/1: a runner is @gitlab/runners/ID"),
        (
            [runner("17", description="a"), runner("18", description="a")],
            "@gitlab/runners/18: @gitlab/runners/17 is called 'a', too",
        ),
    ],
)
def test_the_table_of_runners(hosts: Hosts, message: str) -> None:
    (line,) = problems(inventory(hosts))
    assert line.startswith("inventory.py: ")
    assert message in line


def test_what_no_host_of_a_group_has_is_missing_there() -> None:
    assert problems(inventory(data={})) == [
        "group runners: allow_tag_removal is missing: true or false"
    ]


def test_what_every_host_lacks_is_told_with_the_rest() -> None:
    found = inventory(data={"allow_tag_removal": "maybe"})
    del found.data["watch_interval"]
    assert problems(found) == [
        "group runners: allow_tag_removal is true or false, not 'maybe'",
        "group all: watch_interval is missing: a number greater than 0",
    ]


def test_a_file_for_no_group_is_named(tmp_path: Path) -> None:
    (tmp_path / "group_data").mkdir()
    (tmp_path / "group_data" / "runers.py").touch()
    (tmp_path / "group_data" / "runners.py").touch()
    found = inventory(data={"allow_tag_remval": True}, runers=([], {"x": 1}))
    assert problems(found) == [
        "group_data/runners.py: there is no setting allow_tag_remval (the nearest is"
        " allow_tag_removal)",
        "group_data/runers.py: no host is in a group runers (the nearest is runners)",
        "group_data/runners.py: allow_tag_removal is missing: true or false",
    ]


def test_a_group_without_hosts_may_have_its_file() -> None:
    assert problems(inventory(project=([], {"ci_branch": "main"}), arm=([], {}))) == []


def test_a_group_of_some_runners_may_say_what_runners_may() -> None:
    assert problems(inventory(arm=([(RUNNER[0], {})], {"allow_tag_removal": True}))) == []
    (line,) = problems(inventory(arm=([(RUNNER[0], {})], {"ci_branch": "main"})))
    assert line.startswith("group arm: ci_branch is a setting of project")


def test_hosts_of_the_command_line_have_no_settings_of_ours() -> None:
    found = ListedInventory((["@local"], dict(ALL)), {"anything": "x", "watch_interval": "x"})
    assert problems(found) == []


def test_what_their_connectors_are_told_is_looked_at() -> None:
    found = ListedInventory((["@gitlab"], dict(ALL)), {"x": "x", "gitlab_timeout": "-1"})
    assert problems(found) == ["--data: gitlab_timeout is a number greater than 0, not '-1'"]


def test_settings_of_a_group_for_another_host() -> None:
    found = inventory(
        toolbox=([("@local", {})], values("toolbox")), override={"tag_repair": "none"}
    )
    assert Toolbox.of(found).tag_repair == "none"
    assert Toolbox.of(found).migration_timeout == 600
    data = {"pipeline_jobs": ["build"], "ci_branch": "main"}
    found = inventory(project=([("@gitlab/projects/1", {})], data), override={"ci_branch": "x"})
    with pytest.raises(
        InventoryError, match="group project has no target_branch, ci_file, newest_pip"
    ):
        Project.of(found)
