"""Settings are looked at before the first connection, whatever pyinfra is asked to do."""

import pytest
from lab_process import Lab, Pyinfra

WRONG = ("--data", "tag_verificaton_seconds=s3cret", "--data", "follow_seconds=-1")
UNKNOWN = "--data: there is no setting tag_verificaton_seconds (the nearest is tag_verification_sec"
NEGATIVE = "--data: follow_seconds is a number greater than 0, not '-1'"
END = "2 settings are wrong, so nothing was connected"


def refused(lab: Lab, pyinfra: Pyinfra, *arguments: str, **environment: str) -> str:
    """Run pyinfra and return what it printed: it failed in words, and sent nothing at all."""
    code, output = pyinfra.run(*arguments, **environment)
    assert code == 1, output
    assert "Traceback" not in output
    assert "Connecting" not in output
    assert lab.requests() == []
    return output


@pytest.mark.parametrize(
    "command",
    [
        ["deploys/fix_tags.py", "-y"],
        ["deploys/fix_tags.py", "--dry"],
        ["deploys/fix_tags.py", "--json", "--limit", "@gitlab/runners/17"],
        ["exec", "--", "GET", "/version"],
        ["fact", "ops.gitlab.facts.runners.Runner"],
        ["debug-inventory"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_whatever_is_run(lab: Lab, pyinfra: Pyinfra, command: list[str]) -> None:
    split = command.index("--") if "--" in command else len(command)
    output = refused(lab, pyinfra, "inventory.py", *command[:split], *WRONG, *command[split:])
    assert UNKNOWN in output
    assert NEGATIVE in output
    assert END in output
    assert "s3cret" not in output


def test_the_environment_is_looked_at_too(lab: Lab, pyinfra: Pyinfra) -> None:
    output = refused(
        lab, pyinfra, "inventory.py", "deploys/fix_tags.py", "-y",
        TAG_VERIFICATION_SECONDS="5m", DATABASE_NAMESPACES="databases Data_Bases",
    )  # fmt: skip
    text = "group_data/gitlab.py: tag_verification_seconds is a number greater than 0, not '5m'"
    assert text in output
    assert (
        "group_data/experiment_role.py: database_namespaces is a list of namespaces, not" in output
    )


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("EXPERIMENT_ROLE_NAME", "a/b", "experiment_role_name is the name of a ClusterRole, not"),
        ("EXPERIMENT_ROLE_NAME", "..", "experiment_role_name is the name of a ClusterRole, not"),
        ("DATABASE_NAMESPACES", "data/bases", "database_namespaces is a list of namespaces, not"),
    ],
)
def test_a_setting_that_makes_no_name_of_a_host_is_named(
    lab: Lab, pyinfra: Pyinfra, variable: str, value: str, reason: str
) -> None:
    arguments = ("inventory.py", "deploys/experiment_rbac.py", "-y")
    output = refused(lab, pyinfra, *arguments, **{variable: value})
    assert f"group_data/experiment_role.py: {reason}" in output
    assert "1 setting is wrong, so nothing was connected" in output


@pytest.mark.parametrize("how", ["--dry", "-y"])
@pytest.mark.parametrize(
    "data", ["experiment_role_name=experiment-own", "database_namespaces=gitlab"]
)
def test_hosts_are_there_before_the_command_line_is_read(
    lab: Lab, pyinfra: Pyinfra, data: str, how: str
) -> None:
    name = data.partition("=")[0]
    output = refused(
        lab, pyinfra, "inventory.py", "deploys/experiment_rbac.py", how, "--data", data
    )
    assert f"--data: {name} makes names of hosts, which are there before --data is read" in output
    assert "set it in group_data/experiment_role.py, or as docs/settings.md says" in output


def test_a_name_in_the_inventory_itself_is_still_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    file = pyinfra.directory / "inventory.py"
    file.write_text('enforcer = ["@kubernetes/a/b"]\n')
    output = refused(lab, pyinfra, str(file), "deploys/fix_tags.py", "--dry")
    assert "'a/b' names no Kubernetes object: write namespace/resource/name" in output


def test_an_inventory_of_ones_own(lab: Lab, pyinfra: Pyinfra) -> None:
    file = pyinfra.directory / "inventory.py"
    file.write_text(
        "runners = [\n"
        '    ("@gitlab/runners/6", {"description": "one", "tags": ["a", " b"]}),\n'
        '    ("@gitlab/runners/7", {"description": "two", "tags": "abc"}),\n'
        '    ("@gitlab/runners/7", {"description": "two", "tags": "abc"}),\n'
        "]\n"
    )
    output = refused(lab, pyinfra, str(file), "deploys/fix_tags.py", "--dry")
    assert f"{file}: @gitlab/runners/6: tags is a list of tags, not ['a', ' b']: ' b' is" in output
    assert f"{file}: @gitlab/runners/7: tags is a list of tags, not 'abc'" in output
    assert f"{file}: runners has @gitlab/runners/7 2 times" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--limit", "runers"],
            "--limit runers matches no host and no group (the nearest is runne",
        ),
        (
            ["--limit", "runners", "--limit", "@gitlab/runners/99"],
            "--limit @gitlab/runners/99 matc",
        ),
        (
            ["--exclude", "kafak"],
            "--exclude kafak matches no host and no group (the nearest is kaf",
        ),
        (["--limit", "debian", "--exclude", "runners"], "--limit and --exclude leave no host"),
        (["--data", "follow_seconds"], "--data is NAME=VALUE, and one of them has no ="),
    ],
)
def test_nothing_meant_is_no_success(
    lab: Lab, pyinfra: Pyinfra, arguments: list[str], message: str
) -> None:
    output = refused(lab, pyinfra, "inventory.py", "deploys/fix_tags.py", "-y", *arguments)
    assert output.count(message) == 1


def test_an_inventory_that_is_not_there_is_no_success(lab: Lab, pyinfra: Pyinfra) -> None:
    output = refused(lab, pyinfra, "inventry.py", "deploys/fix_tags.py", "-y")
    assert "inventry.py has no hosts, so nothing was done" in output


def test_text_is_a_list_of_itself_and_not_of_its_letters(lab: Lab, pyinfra: Pyinfra) -> None:
    data = ("--data", "changes_filter_paths=k8s/**")
    code, output = pyinfra.deploy("widen_changes_filter", "--dry", *data)
    assert code == 0, output
    assert "+     - k8s/**" in output or "k8s/**" in output
    assert "- '*'" not in output and "'8'" not in output


def test_super_users_that_are_given_as_text_are_removed(lab: Lab, pyinfra: Pyinfra) -> None:
    data = ("--data", "removed_super_users=User:ANONYMOUS", "--data", "evidence_required=no")
    code, output = pyinfra.deploy("revert_super_users", "--dry", *data)
    assert code == 0, output
    assert "User:ANONYMOUS" in output


def test_hosts_of_the_command_line_need_no_inventory(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run("@gitlab/runners/17", "exec", "--data", "x=1", "--", "GET", "/user")
    assert code == 0, output
    code, output = pyinfra.run("@local", "exec", "--data", "x=1", "--", "echo", "hello")
    assert code == 0, output
    assert "hello" in output


def test_the_inventory_shows_settings_as_they_count(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(
        "inventory.py", "debug-inventory", "--json", "--data", "obsolete_pipelines=6930,6931"
    )
    assert code == 0, output
    assert '"obsolete_pipelines": [6930, 6931]' in output
