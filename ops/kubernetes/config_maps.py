"""Who reads a ConfigMap. Operation, on the ConfigMap: `readers`.

https://kubernetes.io/docs/concepts/configuration/configmap/
"""

from collections.abc import Callable, Iterator, Sequence

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.command_line import is_dry_run
from ops.api.console import report
from ops.api.operation import operation
from ops.api.verdict import verdict
from ops.http.watch import READ_ERRORS, ask
from ops.kubernetes.config_map_readers import Reader, last_change
from ops.kubernetes.config_map_readers import readers as of_pods
from ops.kubernetes.facts import Object, Pods


@operation
def readers(key: str) -> Iterator[PyinfraCommand]:
    """
    Say which pods have read a key of a ConfigMap, and have its old text. Nothing is changed.

    + key: of the ConfigMap's data

    A preview shows all that read it. Pods that cannot be listed are a line, and no failure: what
    was to be set is set all the same.

    **Example:**

    ```python
    config_maps.readers(
        name="Say who reads the ConfigMap",
        key="config.json",
    )
    ```
    """
    changes = _in_words(_all, host, key) if is_dry_run() else []
    text = "say which pods have the old text until they restart"
    yield Action(text, _say, key, changes=changes, is_check=True)


def outdated(config_map: Host, key: str) -> list[Reader]:
    """Return the containers that have read a key of a ConfigMap before it was written last.

    + config_map: the host that is the ConfigMap
    + key: of its data

    Raises OSError, FactProcessError or PyinfraError where something cannot be read.
    """
    live = ask(config_map, Object)
    if live is None:
        return []
    changed = last_change(live)
    return [reader for reader in _all(config_map, key) if reader.since < changed]


def advice(found: Sequence[Reader]) -> list[str]:
    """Return lines about containers that have an old text: each, and what helps."""
    lines = [f"{reader}, from before the last change" for reader in found]
    if any(not reader.renewed for reader in found):
        lines.append("what is read as a variable or a subPath stays as it is until a restart")
    if any(reader.renewed for reader in found):
        text = "files are renewed in a minute or two; who has read them before has to restart"
        lines.append(text)
    return lines


def _all(config_map: Host, key: str) -> list[Reader]:
    *_, namespace, _, name = str(config_map.data.kubernetes_path).split("/")
    return of_pods(ask(config_map, Pods, namespace=namespace, selector=""), name, key)


def _say(state: State, host: Host, key: str) -> bool:
    found: list[Reader] = []

    def look(config_map: Host, key: str) -> list[str]:
        found[:] = outdated(config_map, key)
        return advice(found)

    lines = _in_words(look, host, key)
    report(host, lines or ["no pod that runs has the old text"])
    for owner in dict.fromkeys(reader.owner for reader in found):
        verdict.undone(owner, f"may have the old {key} until it restarts")
    if lines and not found:
        verdict.undone(host.name, lines[0])
    return True


def _in_words(look: Callable[[Host, str], Sequence[object]], host: Host, key: str) -> list[str]:
    try:
        return [str(line) for line in look(host, key)]
    except (*READ_ERRORS, PyinfraError) as error:
        return [f"which pods read it could not be seen: {error}"]
