"""Operations on CI/CD variables of a project (https://docs.gitlab.com/api/project_level_variables/).

The host is the project: `@gitlab/projects/42`.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host

from ops.api.console import report
from ops.api.difference import difference
from ops.api.line import ABSENT, change
from ops.api.operation import operation, read
from ops.api.reverse import Reverse, values
from ops.api.secret import Secret
from ops.gitlab.facts.protection import ProtectedBranches
from ops.gitlab.facts.variables import CiVariables
from ops.gitlab.masking import needs_raw, why_not_maskable
from ops.gitlab.precedence import TYPES, is_protected, of_key
from ops.gitlab.variable_levels import above
from ops.http.request import Request

MADE = (
    "{} did not exist, and what it holds since then is not known: delete it in GitLab if nobody"
    " needs it"
)
REPLACED = (
    "{} had another value, and a record has no secret: set it in GitLab, out of the store that has"
    " the old one"
)


@operation
def variable(
    key: str,
    value: Secret,
    environment_scope: str = "*",
    variable_type: str | None = "env_var",
    masked: bool | None = True,
    protected: bool | None = None,
    raw: bool | None = None,
) -> Iterator[PyinfraCommand]:
    """
    Have a CI/CD variable with a value that nobody sees.

    + key: name of the variable
    + value: its value; previews show a fingerprint of it
    + environment_scope: to which environments it belongs; key and scope together identify it
    + variable_type: "env_var", or "file": then a job gets the path of a file with the value
    + masked: whether job logs show `[MASKED]` in its place
    + protected: whether only protected branches and tags get it
    + raw: whether `$` in it is left alone; None leaves that as it is, or sets it where GitLab could
      not mask the value otherwise

    A hidden variable keeps its value: GitLab does not tell it, so it cannot be compared, and a line
    says so. Raises OperationValueError where GitLab could not mask the value. After a POST or PUT
    without an answer the variable is read again, and counts as done only with everything that was
    sent: somebody else may have made it meanwhile.

    **Example:**

    ```python
    variables.variable(
        name="Set the password of Kafka",
        key="KAFKA_PASSWORD",
        value=Secret("taken-from-a-store"),  # of ops.api.secret
    )
    ```
    """
    if variable_type not in (None, *TYPES):
        raise OperationValueError(f"{key}: the type of a variable is one of {', '.join(TYPES)}")
    live = read(host, CiVariables).get((key, environment_scope))
    wanted: dict[str, Any] = {
        "value": value, "variable_type": variable_type, "masked": masked, "protected": protected,
        "raw": raw,
    }  # fmt: skip
    wanted = {name: setting for name, setting in wanted.items() if setting is not None}
    if live is not None and live.get("hidden"):
        report(host, [f"{key} ({environment_scope}) is hidden: its value is not compared"])
        wanted = {n: v for n, v in wanted.items() if n not in ("value", "masked")}
    elif masked and raw is None and needs_raw(value.unmask()):
        wanted["raw"] = True
    if wanted.get("masked"):
        _check(host, key, value, bool(wanted.get("raw", live["raw"] if live else False)))
    name = f"{key} ({environment_scope})"
    collection = f"{host.data.gitlab_path}/variables"
    if live is None:
        identity = {"key": key, "environment_scope": environment_scope}
        request = Request(
            "POST",
            collection,
            {**identity, **wanted},
            changes=[change(name, ABSENT, value, f"(absent) -> {value}")],
            lookup=_get(collection, key, environment_scope),
        )
        never = Reverse(variable=(key, environment_scope), never=MADE.format(name))
        yield request.taken_back_by(never)
        return
    changed = {n: v for n, v in wanted.items() if live[n] != v}
    if not changed:
        host.noop(f"{name} is as wanted")
        return
    yield change_of(key, environment_scope, live, changed)


def change_of(
    key: str, environment_scope: str, live: Mapping[str, Any], changed: Mapping[str, Any]
) -> Request:
    """Return the request that changes settings of a variable.

    + key, environment_scope: which one
    + live: its settings
    + changed: those that become other ones
    """
    name = f"{key} ({environment_scope})"
    collection = f"{host.data.gitlab_path}/variables"
    before = {n: live[n] for n in changed}
    request = Request(
        "PUT",
        f"{collection}/{quote(key, safe='')}",
        dict(changed),
        query={"filter[environment_scope]": environment_scope},
        changes=difference(before, changed, name),
        lookup=_get(collection, key, environment_scope),
    )
    back = Reverse(
        variable=(key, environment_scope),
        values=values(before, dict(changed)),
        never=REPLACED.format(name) if "value" in changed else "",
    )
    return request.taken_back_by(back)


def check_masking(project: Host, values: Mapping[str, Secret], environment_scope: str) -> None:
    """Raise OperationValueError where GitLab could not mask a value, before the first one is sent.

    + project: the host of the project
    + values: the wanted value of each variable
    + environment_scope: of all of them
    """
    live = read(project, CiVariables)
    for key, value in values.items():
        if not live.get((key, environment_scope), {}).get("hidden"):
            _check(project, key, value, raw=True)  # `variable` sets that where it is needed.


def check_reach(
    project: Host,
    keys: Collection[str],
    environment_scope: str,
    protected: bool | None,
    branch: str,
) -> None:
    """Raise OperationValueError where jobs of a branch would not get a variable.

    + project: the host of the project
    + keys: of the variables
    + environment_scope: of all of them
    + protected: whether they are to be protected; None: those are that are now
    + branch: whose jobs need them
    """
    live = read(project, CiVariables)
    kept = [key for key in keys if live.get((key, environment_scope), {}).get("protected")]
    meant = {None: kept, True: list(keys), False: []}[protected]
    if meant and not is_protected(branch, read(project, ProtectedBranches)):
        raise OperationValueError(
            f"{project.name}: {', '.join(meant)}: a protected variable does not reach jobs of"
            f" {branch}, which is no protected branch. Protect that, or have them unprotected"
        )


def show_others(project: Host, keys: Collection[str], environment_scope: str) -> None:
    """Print which variables of groups and of the instance have the same keys, and what is unseen.

    + project: the host of the project
    + keys: of its variables
    + environment_scope: of all of them
    """
    others = above(project.inventory.get_host(project.name))  # Not pyinfra's proxy of it.
    found = {key: of_key(others, key, environment_scope) for key in keys}
    lines = [
        f"{key} exists in {' and in '.join(one.where for one in also)}, too: the project's wins"
        for key, also in found.items()
        if also
    ]
    report(project, [*lines, *(level.why for level in others if level.why)])


def _check(project: Host, key: str, value: Secret, raw: bool) -> None:
    problem = why_not_maskable(value.unmask(), raw)
    if problem:
        raise OperationValueError(
            f"{project.name}: {key} cannot be masked: {problem}. Choose another value"
        )


def _get(collection: str, key: str, environment_scope: str) -> Request:
    query = {"filter[environment_scope]": environment_scope}
    return Request("GET", f"{collection}/{quote(key, safe='')}", query=query, missing_ok=True)
