"""deploys/undo.py: what a run has changed is taken back, as its record has it."""

import pytest
from before_jobs import save_settings
from kafka_config_site import KEY, OLD_PASSWORD, in_cluster
from lab_process import Lab, Pyinfra
from pipeline_site import someone
from undo_site import APPROVAL, is_state, last, runners_have_some, state, undo, undone


@pytest.fixture
def quiet(undisturbed: Lab, pyinfra: Pyinfra) -> Lab:
    """The site where nobody but the run changes anything, and the proof is short."""
    pyinfra.environment["TAG_VERIFICATION_SECONDS"] = "1"
    return undisturbed


def test_fix_tags(quiet: Lab, pyinfra: Pyinfra) -> None:
    """Tags, the enforcer's schedule, its script, and the annotations of the proof."""
    runners_have_some(quiet)
    output = undone(quiet, pyinfra, "fix_tags", *APPROVAL)
    assert "tag_list: {experiment, kubernetes} -> {experiment} (k8s-runner-4)" in output
    assert 'spec.schedule: "*/5 * * * *" -> "* * * * *"' in output
    assert "docs/fix_tags.md says what undoes it by hand" in output  # The migration.


def test_tags_go_only_with_approval(quiet: Lab, pyinfra: Pyinfra) -> None:
    runners_have_some(quiet)
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    sent = quiet.mutations()
    for how in ("--dry", "-y"):
        code, output = undo(pyinfra, last(pyinfra), how)
        assert code == 1, output
        assert "To approve: --data allow_tag_removal=true" in output
    code, output = undo(pyinfra, last(pyinfra), "--dry")
    # What has failed comes before what is left alone.
    assert "left:     @gitlab/runners/" in output
    assert quiet.mutations() == sent


def test_no_tags_are_what_gitlab_does_not_take(quiet: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    tags, sent = quiet.tags(), len(quiet.mutations())
    others = "/cronjobs/", "/configmaps/", "/runners/6"
    code, output = undo(pyinfra, last(pyinfra), "-y", *APPROVAL)
    assert code == 0, output
    assert output.count("[@gitlab/runners/17] not undone: it had no tags\n") == 1
    assert output.count("GitLab takes no empty list of tags of a runner that runs only") == 1
    assert quiet.tags() == {**tags, 6: set()}  # It takes jobs without tags.
    assert all(any(part in r for part in others) for r in quiet.mutations()[sent:])


def test_settings_of_runners(quiet: Lab, pyinfra: Pyinfra) -> None:
    """Each setting, among them those without a value before."""
    runners_have_some(quiet)
    save_settings(pyinfra)
    others = {"description": "another", "paused": True, "maximum_timeout": 700, "locked": True,
              "maintenance_note": "another", "access_level": "ref_protected"}  # fmt: skip
    someone(quiet, "PUT", "/runners/7", others)
    someone(quiet, "PUT", "/runners/8", {"tag_list": ["other", "tags"], "maintenance_note": ""})
    output = undone(quiet, pyinfra, "restore_runners", *APPROVAL, before=APPROVAL)
    assert "maximum_timeout: null -> 700" in output
    assert 'description: "node5-macos-x86" -> "another" (node5-macos-x86)' in output


def test_values_in_a_config_map_and_no_commit(quiet: Lab, pyinfra: Pyinfra) -> None:
    heads = quiet.heads("gitlab")
    data = {"data": {KEY: in_cluster(quiet).replace(OLD_PASSWORD, "")}}
    name = "dedup-experiment-config"
    quiet.fault(action="patch_object", kind="ConfigMap", name=name, patch=data)
    output = undone(quiet, pyinfra, "kafka_config")
    assert "port: 9094 -> 9092" in output
    assert "a commit stays on development: git revert it there, and push that" in output
    assert quiet.heads("gitlab")["development"] != heads["development"]


def test_a_password_in_a_config_map_does_not_come_back(quiet: Lab, pyinfra: Pyinfra) -> None:
    text = in_cluster(quiet)
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    code, output = undo(pyinfra, last(pyinfra), "-y")
    assert code == 0, output
    assert "password had or has a secret, and a record has none: set it by hand" in output
    assert in_cluster(quiet) == text.replace(OLD_PASSWORD, "")


def test_where_nothing_can_be_taken_back_that_is_said(quiet: Lab, pyinfra: Pyinfra) -> None:
    for job, words in (
        ("widen_changes_filter", "a commit stays on development"),
        ("sync_master", "docs/sync_master.md says what undoes it by hand"),
    ):
        code, output = pyinfra.deploy(job, "-y")
        assert code == 0, output
        sent = quiet.mutations()
        code, output = undo(pyinfra, last(pyinfra), "-y")
        assert code == 0, output
        assert "not undone: " in output
        assert words in output
        assert quiet.mutations() == sent


def test_variables_but_for_their_values(quiet: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    first, before = last(pyinfra), state(quiet)
    sent = quiet.mutations()
    code, output = undo(pyinfra, first, "-y")
    assert code == 0, output
    assert "DEDUP_KAFKA_PASSWORD (*) did not exist, and what it holds since then is not" in output
    # It was not masked, and that is all that was changed of it.
    assert quiet.mutations() == [*sent, "PUT /api/v4/projects/280/variables/DEDUP_CRDB_PASSWORD"]
    assert state(quiet) != before

    code, output = pyinfra.deploy("ci_variables", "-y", DEDUP_PG_PASSWORD="another-value-1")
    assert code == 0, output
    before = state(quiet)
    code, output = undo(pyinfra, last(pyinfra), "-y", "--dry")
    assert code == 0, output
    assert "DEDUP_PG_PASSWORD (*) had another value, and a record has no secret" in output
    assert "DEDUP_PG_PASSWORD (*).masked" not in output
    is_state(quiet, before)


def test_settings_of_a_variable(quiet: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    path = "/projects/280/variables/DEDUP_PG_PASSWORD"
    someone(quiet, "PUT", path, {"masked": False, "variable_type": "file"})
    output = undone(quiet, pyinfra, "ci_variables")
    assert "DEDUP_PG_PASSWORD (*).masked: true -> false" in output


def test_roles_and_bindings_that_were_made_are_deleted(
    bare: Lab, quiet: Lab, pyinfra: Pyinfra
) -> None:
    output = undone(quiet, pyinfra, "experiment_rbac")
    assert '"exists" -> (absent)' in output  # The binding; of the role the rules.
    assert "rules: " in output


def test_super_users(proven: Lab, quiet: Lab, pyinfra: Pyinfra) -> None:
    output = undone(proven, pyinfra, "revert_super_users")
    assert 'spec.kafka.authorization.superUsers: (absent) -> ["ANONYMOUS"]' in output


def test_an_undo_is_undone(quiet: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    after = state(quiet)
    code, output = undo(pyinfra, last(pyinfra), "-y")
    assert code == 0, output
    assert state(quiet) != after
    code, output = undo(pyinfra, last(pyinfra), "-y")
    assert code == 0, output
    is_state(quiet, after)
