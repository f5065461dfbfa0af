"""Operations that take back what a run has changed, as its record has it (docs/undo.md)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET
from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError

from ops.api.console import print_line, report, report_problem
from ops.api.difference import difference
from ops.api.once import once
from ops.api.operation import operation, read
from ops.api.reverse import Reverse
from ops.api.unchangeable import Unchangeable
from ops.api.verdict import verdict
from ops.gitlab import variables
from ops.gitlab.facts.runners import Runner
from ops.gitlab.facts.variables import CiVariables
from ops.gitlab.runner_query import NULLABLE
from ops.gitlab.runners import operations as runners
from ops.http.request import Request
from ops.kafka import strimzi, super_users
from ops.kubernetes import objects
from ops.kubernetes.facts import Object
from ops.site.undo import live
from ops.site.undo.net import After, Net

RECORD = "the record"
NO_TAGS = "not undone: it had no tags"
WHY_NO_TAGS = (
    "GitLab takes no empty list of tags of a runner that runs only jobs with tags: let it run"
    " others, or pause it"
)
Wanted = list[tuple[Net, Any]]


@operation
def reversal(
    values: Sequence[Any],
    variable: Sequence[str] | None = None,
    uid: str | None = None,
    made: bool = False,
    endpoint: str | None = None,
    tag_removal_allowed: bool = False,
) -> Iterator[PyinfraCommand]:
    """
    Put values of a runner, a CI/CD variable or a Kubernetes object back to what they were.

    + values: each with its path, what it was (`before`) and what a run has left (`left`)
    + variable: key and environment scope of the variable, where it is one
    + uid: of the object
    + made: whether the run has made the object, which is deleted then
    + endpoint: URL of the GitLab that the run has changed
    + tag_removal_allowed: approval to take a tag away from a runner

    A value that is what it was already is left alone. Where one is neither that nor what the run
    has left, somebody has changed it since: OperationError, with both, and the run ends with exit
    code 4. So does an object that is another one now. Raises OperationError also where this is
    another GitLab.

    **Example:**

    ```python
    undo.reversal(
        name="Take back: Pause the runner",
        values=[{"path": ["paused"], "before": False, "left": [{"value": True}]}],
    )
    ```
    """
    nets = msgspec.convert(list(values), list[Net])
    if variable is not None:
        yield from _variable(nets, variable, endpoint)
    elif host.data.get("kubernetes_path"):
        yield from _object(nets, uid, made)
    else:
        yield from _runner(nets, endpoint, tag_removal_allowed)


def _runner(nets: Sequence[Net], endpoint: str | None, allowed: bool) -> Iterator[Request]:
    document = read(host, Runner)
    _check_endpoint(endpoint)
    wanted = _wanted(
        {name: _or_none(name, value) for name, value in document.items()},
        [_without_empty(net) for net in nets],
    )
    names = {net.path[0] for net, _ in wanted}
    settings = {net.path[0]: net.before for net in nets if net.path[0] in names}
    if "tag_list" in settings:
        settings["tag_list"] = set(settings["tag_list"])
    if settings.get("tag_list") == set() and not {**document, **settings}["run_untagged"]:
        del settings["tag_list"]
        _say(NO_TAGS)
        once(WHY_NO_TAGS, lambda: print_line(WHY_NO_TAGS))
        verdict.undone(host.name, NO_TAGS)
        if not settings:
            host.noop(NO_TAGS)
    if settings:
        yield from runners.requests(settings, allowed)


def _or_none(name: str, value: Any) -> Any:
    # An empty text and none are told apart by no user, and GitLab may answer either.
    return None if name in NULLABLE and value == "" else value


def _without_empty(net: Net) -> Net:
    name = net.path[0]
    left = [After(_or_none(name, one.value)) for one in net.left]
    return msgspec.structs.replace(net, before=_or_none(name, net.before), left=left)


def _variable(
    nets: Sequence[Net], variable: Sequence[str], endpoint: str | None
) -> Iterator[Request]:
    key, scope = variable
    document = read(host, CiVariables).get((key, scope))
    _check_endpoint(endpoint)
    if document is None:
        _refuse([f"{key} ({scope}) was deleted since"])
    wanted = _wanted(document, nets)
    if wanted:
        yield variables.change_of(key, scope, document, {net.path[0]: v for net, v in wanted})


def _object(nets: Sequence[Net], uid: str | None, made: bool) -> Iterator[PyinfraCommand]:
    document = read(host, Object)
    if document is None and made:
        host.noop("it is gone already")
        return
    if document is None:
        _refuse(["it was deleted since"])
    metadata = document["metadata"]
    if uid and metadata.get("uid") != uid:
        _refuse(["it was deleted since, and made again"])
    if made:
        yield _deletion(document, nets)
        return
    wanted = _wanted(document, nets)
    if not wanted:
        return
    is_kafka = document["kind"] == "Kafka"
    if is_kafka and (reason := strimzi.obstacle(document)):
        raise OperationError(f"{host.name}: nothing is changed: {reason}")
    yield from _patch(document, wanted)
    if is_kafka:
        seconds, interval = host.data.kafka_ready_seconds, host.data.watch_interval
        yield super_users.readiness(seconds, interval, metadata["generation"] + 1)


def _patch(document: Mapping[str, Any], wanted: Wanted) -> Iterator[Request]:
    in_json: dict[str, dict[str, Any]] = {}
    for net, value in wanted:
        if net.json_path:
            in_json.setdefault(net.path[-1], {})[net.json_path] = value
    plain = [(net, value) for net, value in wanted if not net.json_path]
    if len(in_json) + bool(plain) > 1:
        raise OperationError(f"{host.name}: several texts of it were changed: undo that by hand")
    for key, values in in_json.items():
        yield from objects.json_requests(key, values)
    if plain:
        yield from objects.patch_of(document, live.merge_patch(plain))


def _deletion(document: Mapping[str, Any], nets: Sequence[Net]) -> Request:
    made = [msgspec.structs.replace(net, before=UNSET) for net in nets]
    wanted = _wanted(document, made)
    if len(wanted) < len(made):
        _refuse(["a part of it was taken away since"])
    metadata = document["metadata"]
    guard = {name: metadata[name] for name in ("uid", "resourceVersion")}
    content = live.merge_patch([(net, live.found(document, net)) for net in made])
    path = host.data.kubernetes_path
    request = Request(
        "DELETE",
        path,
        {"preconditions": guard},
        changes=difference({metadata["name"]: "exists", **content}, {}),
        missing_ok=True,
    )
    return request.taken_back_by(
        Reverse(never="it was deleted: the job that made it makes it anew")
    )


def _wanted(document: Mapping[str, Any], nets: Sequence[Net]) -> Wanted:
    """Return each value that is not yet what it was, with that; refuse what has moved."""
    wanted: Wanted = []
    moved: list[str] = []
    for net in nets:
        try:
            now = live.found(document, net)
            if not live.is_back(net, now):
                wanted.append((net, live.was(net, now)))
        except (Unchangeable, ValueError) as error:
            moved.append(str(error))
    if moved:
        _refuse(moved)
    unsure = [net.name for net, _ in wanted if not net.is_certain]
    if unsure:
        text = "whether the run has changed it is not in its record, but it is there"
        _say(f"{', '.join(unsure)}: {text}")
    if not wanted:
        host.noop("it is what it was before that run")
    return wanted


def _say(text: str) -> None:
    # Both the preparation and the execution come here.
    once(f"{host.name}: {text}", lambda: report(host, [text]))


def _refuse(moved: Sequence[str]) -> Any:
    """Raise OperationError because something is not what the run has left."""
    verdict.moved_since = RECORD
    new = [f"{host.name}: {text}" for text in moved if f"{host.name}: {text}" not in verdict.moved]
    verdict.moved += new
    report_problem(host, [f"moved since that run: {text}" for text in moved])
    raise OperationError(f"{host.name}: it is not what that run has left, so nothing is undone")


def _check_endpoint(endpoint: str | None) -> None:
    here = host.connector.endpoint() if host.connector is not None else endpoint  # type: ignore[attr-defined]
    if endpoint and here != endpoint:
        raise OperationError(f"{host.name}: the record is of {endpoint}, and this is {here}")
