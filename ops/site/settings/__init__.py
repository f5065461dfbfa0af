"""The settings of this site as types: a class for each group of the inventory.

The values stand in `group_data/`, in a file of the same name; docs/settings.md lists both.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pyinfra.api.inventory import Inventory

from ops.api import command_line, environment
from ops.api.hooks import ListedInventory
from ops.api.settings.check import Check, twice
from ops.api.settings.group import Group, settings
from ops.site import lock_settings, plan_file, run_record
from ops.site.settings.all import All
from ops.site.settings.enforcer import Enforcer
from ops.site.settings.experiment import (
    ExperimentConfig,
    ExperimentRole,
    Namespaced,
    RunnerPod,
)
from ops.site.settings.gitlab import GitLab
from ops.site.settings.kafka import Kafka, KafkaBroker, endpoint_problems
from ops.site.settings.operator import Operator
from ops.site.settings.project import Project, variable_problems
from ops.site.settings.runners import Runners, table_problems
from ops.site.settings.toolbox import Toolbox
from ops.site.settings.windows import window_problems

__all__ = [
    "GROUPS", "All", "Enforcer", "ExperimentConfig", "ExperimentRole", "GitLab", "Group", "Kafka",
    "KafkaBroker", "Namespaced", "Operator", "Project", "RunnerPod", "Runners", "Toolbox",
    "hidden_names", "look",
]  # fmt: skip

_CLASSES: tuple[type[Group], ...] = (
    All, Runners, GitLab, Toolbox, Enforcer, Project, RunnerPod, ExperimentConfig, ExperimentRole,
    Namespaced, Kafka, KafkaBroker, Operator,
)  # fmt: skip
# Settings that may name parts of Kafka's endpoint, and whose they are.
TEMPLATES = {
    "experiment_config_values": ExperimentConfig.group,
    "experiment_ci_variables": ExperimentConfig.group,
    "evidence_wanted": Kafka.group,
    "evidence_forbidden": Kafka.group,
}
ALL_FILE = "group_data/all.py"
GROUPS: Mapping[str, type[Group]] = {kind.group: kind for kind in _CLASSES}


def look(inventory: Inventory, file: str, texts: Mapping[str, str]) -> list[str]:
    """Return a line for each setting of a run that is wrong.

    + inventory: as pyinfra has loaded it
    + file: what the command line calls it
    + texts: what `--data` says, as it was typed

    Hosts that are named on the command line, without an inventory of this site, have none of its
    settings: what their connectors are told is looked at, and nothing else. Where a host's name is
    none, the settings that it may be made of are.
    """
    environment.take(_secret_variables(inventory))
    check = Check(inventory, file, GROUPS, texts)
    if getattr(inventory, "unnamed", ""):
        return check.group_problems()
    if not any(inventory.get_group(group, []) for group in GROUPS):
        return check.connector_problems()
    listed = inventory.listed if isinstance(inventory, ListedInventory) else {}
    return [
        *check.problems(),
        *(f"{file}: {text}" for text in twice(listed)),
        *(f"{file}: {text}" for text in table_problems(inventory)),
        *(f"{file}: {text}" for text in variable_problems(inventory)),
        *(f"{ALL_FILE}: {text}" for text in window_problems(inventory, _jobs())),
        *(f"{file}: {text}" for text in endpoint_problems(inventory, TEMPLATES)),
        *plan_file.problems(inventory),
        *run_record.problems(inventory),
        *lock_settings.problems(inventory),
    ]


def hidden_names() -> set[str]:
    """Return the names of settings whose values may hold a secret."""
    return {s.name for group in GROUPS.values() for s in settings(group) if s.kind.hidden}


def _jobs() -> set[str]:
    """Return the names of the deploys of this repository, and of those that are run."""
    files = [*(run_record.REPOSITORY / "deploys").glob("*.py"), *command_line.deploy_files()]
    return {file.stem for file in files}


def _secret_variables(inventory: Inventory) -> Iterator[str]:
    """Yield the variables of the environment that the settings say a secret is in.

    Files of groups count without a host of the group, too: `pyinfra @local` has none of them.
    """
    groups: list[Mapping[str, Any]] = [*inventory.group_data.values()]
    for data in (*groups, *(host.data.dict() for host in inventory)):
        for setting in ("ci_variables", "git_token_variables"):
            found = data.get(setting)
            for place in found.values() if isinstance(found, Mapping) else ():
                if isinstance(place, str):
                    yield place.removeprefix("environment:")
