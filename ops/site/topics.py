"""The topics to which the clients of Kafka write."""

from collections.abc import Callable
from typing import Any

from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.inventory import Inventory

from ops.api import json_text
from ops.api.hosts import only
from ops.api.unchangeable import Unchangeable
from ops.gitlab.facts.repository import RepositoryFile
from ops.site.settings import ExperimentConfig, Kafka, Project


def of_clients(inventory: Inventory, look: Callable[..., Any]) -> list[str]:
    """Return them: those that are named, and those that the clients' configuration names.

    + inventory: of the run
    + look: what reads a fact

    Raises OperationValueError in words where the configuration names none.
    """
    found: dict[str, None] = {}
    for topic in Kafka.of(inventory).evidence_topics:
        is_path = topic.startswith("$")
        found |= dict.fromkeys(_at(inventory, topic, look) if is_path else [topic])
    return list(found)


def _at(inventory: Inventory, path: str, look: Callable[..., Any]) -> list[str]:
    project, ref = only(inventory, "project"), Project.of(inventory).ci_branch
    name = ExperimentConfig.of(inventory).experiment_config_file
    file = look(project, RepositoryFile, path=name, ref=ref)
    try:
        topics = [] if file is None else json_text.values(file.text, path, name)
    except Unchangeable as error:
        raise OperationValueError(f"{project.name}: {error}") from None
    if not topics or not all(isinstance(topic, str) for topic in topics):
        text = f"{name} of {ref} names no topics at {path} (evidence_topics)"
        raise OperationValueError(f"{project.name}: {text}")
    return topics
