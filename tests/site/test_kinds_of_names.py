"""Settings that are names have the grammar of what they name; empty variables count as unset."""

import os
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ops.api.settings.group import Setting, settings
from ops.api.settings.typed import Wrong, typed
from ops.site.settings import GROUPS
from ops.site.settings.__main__ import Environment

DIRECTORIES = [Path("group_data"), Path("examples/small/group_data")]
FILES = [file for directory in DIRECTORIES for file in sorted(directory.glob("*.py"))]
# Empty, these mean something: docs/settings.md.
MAY_BE_EMPTY = {
    "LOCK_NAME",
    "LOCK_NAMESPACE",
    "LOCK_DIRECTORY",
    "GITLAB_URL",
    "KAFKA_BIN",
    "KUBERNETES_VIA",
    "KUBECONFIG",
    "RECORD_DIRECTORY",
}
# Texts without a grammar that could be looked at here, and why.
FREE = {
    "kubernetes_via": "what ssh takes, aliases of its configuration too",
    "description": "GitLab takes any",
    "pipeline_jobs": "names of jobs, which GitLab lets be any text",
    "costly_stages": "names of stages, likewise",
    "changes_filter_job": "the name of a job",
    "changes_filter_paths": "globs: GitLab's linter judges them",
    "ci_variables_scope": "GitLab takes any, with wildcards",
    "ci_variables_files": "keys of ci_variables: what is none of them is refused there",
    "experiment_job_prefix": "part of a job's name",
    "kafka_client_library": "compared with a table; unknown is said",
    "record": "a number, a part of a name or a path: what leads to no record is refused by undo",
}
TEXTS = ("text that is not empty", "text, or empty", "a list of texts", "a list of texts that is")


def all_settings() -> Iterator[Setting]:
    return (setting for kind in GROUPS.values() for setting in settings(kind))


def setting(name: str) -> Setting:
    return next(found for found in all_settings() if found.name == name)


def test_a_text_has_a_grammar_or_a_reason_for_none() -> None:
    free = {found.name for found in all_settings() if found.kind.words.startswith(TEXTS)}
    assert free == set(FREE)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("experiment_role_name", ["a", "system:node", "a.b"], ["", "a/b", "a%b", ".", "..", "a b"]),
        (
            "experiment_service_account",
            ["system:serviceaccount:gitlab-runner:gitlab-runner", "system:serviceaccount:a:b.c"],
            ["", "gitlab-runner", "gitlab-runner:gitlab-runner", "system:serviceaccount:a",
             "system:serviceaccount:A:b", "system:serviceaccount:a:b:c", "erika"],
        ),
        ("experiment_config_key", ["config.json", "A_b"], ["", "a/b", "..", "a b", "x" * 254]),
        ("field_manager", ["site-operations"], ["", "a b", "\n", "x" * 129]),
        ("field_managers_taken_over", [["kubectl"], []], [["a b"], [""]]),
        ("kafka_user_name", ["dedup-lab", "a.b"], ["", "Dedup", "a_b", "-a", "a."]),
        ("kafka_client_files", [["src/a.cpp"]], [[], ["/src/a.cpp"], ["../a"], ["a/../b"]]),
        ("ci_file", [".gitlab-ci.yml", "ci/main..yml"], ["", "/a", "..", "a/.."]),
        ("git_remotes", [["gitlab", "github"]], [[], [""], ["--all"], ["a b"], ["a:b"]]),
    ],
)  # fmt: skip
def test_a_name_is_what_its_system_takes(name: str, right: list[Any], wrong: list[Any]) -> None:
    annotation = setting(name).annotation
    for value in right:
        assert typed(annotation, value) == value
    for value in wrong:
        with pytest.raises(Wrong):
            typed(annotation, value)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_an_empty_variable_counts_as_not_set(file: Path) -> None:
    unset = Environment()
    expected = values(file, unset)
    for name in set(unset.asked) - MAY_BE_EMPTY:
        assert values(file, Environment(**{name: ""})) == expected, name


def values(file: Path, environment: Environment) -> dict[str, Any]:
    with mock.patch.object(os, "environ", environment):
        found = runpy.run_path(str(file))
    return {name: value for name, value in found.items() if name.islower() and name != "environ"}
