"""The configuration of the experiment: one document in three places that have to agree.

In the cluster's ConfigMap, in the source file of that ConfigMap, and in its twin for CI.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyinfra import host, inventory
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError, OperationValueError, PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from ops.api import json_text
from ops.api.action import Action
from ops.api.console import report_problem, report_proof
from ops.api.difference import json_differences
from ops.api.line import Line
from ops.api.operation import operation, read
from ops.api.secret import reveal
from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci import assignments
from ops.gitlab.facts.repository import File, RepositoryFile
from ops.http.watch import READ_ERRORS, ask
from ops.kubernetes import config_map_file
from ops.kubernetes.facts import Object
from ops.site.settings import ExperimentConfig, Project
from ops.site.settings.kafka import with_endpoint


@dataclass(frozen=True)
class Settings:
    """Where the document is, and what it must have.

    + values: what all places must have: a value for each JSONPath
    + key: key of the ConfigMap, in the cluster and in its source file
    + ref: branch of the repository
    + config_map_file, json_file: paths in the repository
    + ci_file, ci_variables: the CI configuration, and the value of each variable that it sets
    """

    values: json_text.Values
    key: str
    ref: str
    config_map_file: str
    json_file: str
    ci_file: str = ""
    ci_variables: Mapping[str, str] = field(default_factory=dict)


def settings(inventory: Inventory) -> Settings:
    """Return the settings of the inventory."""
    data = ExperimentConfig.of(inventory)
    return Settings(
        values=with_endpoint(inventory, data.experiment_config_values),
        key=data.experiment_config_key,
        ref=Project.of(inventory).ci_branch,
        config_map_file=data.experiment_config_map_file,
        json_file=data.experiment_config_file,
        ci_file=Project.of(inventory).ci_file,
        ci_variables={
            name: str(with_endpoint(inventory, value))
            for name, value in data.experiment_ci_variables.items()
        },
    )


def edits(settings: Settings) -> dict[str, Callable[[str], str]]:
    """Return for each file of the repository a function from its text to the wanted text."""
    found: dict[str, Callable[[str], str]] = {
        settings.json_file: functools.partial(
            json_text.with_values, wanted=settings.values, where=settings.json_file
        ),
        settings.config_map_file: functools.partial(_edited_config_map_file, settings=settings),
    }
    if settings.ci_variables:
        found[settings.ci_file] = functools.partial(
            assignments.with_assignments, wanted=settings.ci_variables, where=settings.ci_file
        )
    return found


def changes(project: Host, settings: Settings) -> list[str]:
    """Return the differences of the values in both files, passwords as fingerprints.

    Raises OperationValueError where one of them cannot be edited, before anything is changed.
    """
    lines: list[str] = []
    for path, edit in edits(settings).items():
        text = _text(read(project, RepositoryFile, path=path, ref=settings.ref), path)
        try:
            edit(text)
            lines += _differences(text, path, settings)
            if path not in _files(settings):
                lines += assignments.expressions(text, settings.ci_variables, path)
        except Unchangeable as error:
            raise OperationValueError(f"{project.name}: {error}") from None
    return lines


@operation
def consistency(config_map: str, settings: Settings) -> Iterator[PyinfraCommand]:
    """
    See that the three places have the same values. Nothing is changed.

    + config_map: name of the host that is the ConfigMap in the cluster
    + settings: where the document is, and what it must have

    **Example:**

    ```python
    configuration.consistency(
        name="See that the three places agree",
        config_map="@kubernetes/default/configmaps/experiment-config",
        settings=configuration.Settings(
            {"$.kafka.port": 9094}, "config.json", "main", "map.yaml", "c.json"
        ),
    )
    ```
    """
    cluster = inventory.get_host(config_map)
    places = _by_place(
        read(cluster, Object),
        {p: read(host, RepositoryFile, path=p, ref=settings.ref) for p in edits(settings)},
        settings,
    )
    # Each operation before has shown what it changes.
    now = ", ".join(f"{len(lines)} in {place}" for place, lines in places.items() if lines)
    if not now:
        host.noop("the three places agree")
        return
    yield Action(
        "see that the three places agree", _see, config_map, settings,
        changes=[f"values that differ now: {now}"], is_check=True,
    )  # fmt: skip


def differences_now(config_map: Host, project: Host, settings: Settings) -> list[str]:
    """Return what differs from the wanted values in the three places, as they are now.

    Raises OSError, FactProcessError or PyinfraError where one of them cannot be read.
    """
    files = {p: ask(project, RepositoryFile, path=p, ref=settings.ref) for p in edits(settings)}
    places = _by_place(ask(config_map, Object), files, settings)
    return [line for lines in places.values() for line in lines]


def _see(state: State, host: Host, config_map: str, settings: Settings) -> bool:
    try:
        lines = differences_now(state.inventory.get_host(config_map), host, settings)
    except (*READ_ERRORS, PyinfraError) as error:
        report_problem(host, [f"the places could not be read: {error}"])
        return False
    if lines:
        report_problem(host, lines)
    else:
        report_proof(host, "the three places agree")
    return not lines


def _by_place(
    config_map: Mapping[str, Any] | None, files: Mapping[str, File | None], settings: Settings
) -> dict[str, list[str]]:
    """Return for each of the places a line for each value that is another one than is wanted."""
    if config_map is None:
        raise OperationError("the ConfigMap of the experiment does not exist")
    text = reveal((config_map.get("data") or {}).get(settings.key))
    if text is None:
        raise OperationError(f"the ConfigMap of the experiment has no key {settings.key}")
    try:
        places: dict[str, list[str]] = {}
        places["ConfigMap"] = [*json_differences(text, settings.values, "ConfigMap")]
        for path, file in files.items():
            places[path] = [*_differences(_text(file, path), path, settings)]
        return places
    except Unchangeable as error:
        raise OperationValueError(str(error)) from None


def _differences(text: str, path: str, settings: Settings) -> list[Line]:
    """Return a line for each value in a file of the repository that is another one."""
    pick = _files(settings).get(path)
    if pick is None:
        return assignments.differences(text, settings.ci_variables, path)
    return json_differences(pick(text), settings.values, path)


def _files(settings: Settings) -> dict[str, Callable[[str], str]]:
    """Return for each file a function from its text to the JSON document in it."""
    return {
        settings.json_file: lambda text: text,
        settings.config_map_file: functools.partial(_document_of, settings=settings),
    }


def _document_of(text: str, settings: Settings) -> str:
    try:
        return config_map_file.read_key(text, settings.key, settings.config_map_file)
    except Unchangeable as error:
        raise OperationValueError(str(error)) from None


def _edited_config_map_file(text: str, settings: Settings) -> str:
    document = config_map_file.read_key(text, settings.key, settings.config_map_file)
    parts = json_text.replacements(document, settings.values, settings.config_map_file)
    where = settings.config_map_file
    return config_map_file.with_replacements(text, settings.key, parts, where)


def _text(file: File | None, path: str) -> str:
    if file is None:
        raise OperationValueError(f"the repository has no file {path}")
    return file.text
