"""Settings of the groups `runner_pod`, `experiment_config` and `experiment_role`."""

import re
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from ops.api.json_text import check_paths
from ops.api.settings.group import About, Group
from ops.api.settings.kinds import Count, Kind, RepositoryPath, Seconds, Text
from ops.site.endpoint import check_hidden_parts, check_parts
from ops.site.settings.names import LABEL, SUBDOMAIN

FOLLOW = "follow_experiment"
CONFIG = ("kafka_config", "overview")
RIGHTS = ("experiment_rbac", "overview")
# No nonResourceURLs: a RoleBinding gives none, and they are in no namespace.
RULE_KEYS = {"apiGroups", "resources", "verbs", "resourceNames"}
NEEDED_KEYS = ("apiGroups", "resources", "verbs")


def check_rules(rules: list[dict[str, Any]]) -> None:
    """Raise ValueError with a reason where the rules of a role give nothing in a namespace."""
    for rule in rules:
        wrong = sorted(set(rule) - RULE_KEYS)
        if wrong:
            raise ValueError(f"a rule has {', '.join(wrong)}")
        missing = [key for key in NEEDED_KEYS if not rule.get(key)]
        if missing:
            raise ValueError(f"a rule has no {missing[0]}")


def check_values(values: dict[str, Any]) -> None:
    """Raise ValueError with a reason where a name is no JSONPath, or a value no template."""
    check_paths(values)
    check_hidden_parts(values)


def check_variables(values: dict[str, str]) -> None:
    """Raise ValueError with a reason where a name is no variable's, or a value is not plain."""
    for name, value in values.items():
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise ValueError(f"{name!r} is no name of a variable")
        check_parts(value)
        if not re.fullmatch(r"[\w.:{}-]+", value):
            raise ValueError(f"the value of {name} has characters that would need quotes")


Label = Annotated[str, Meta(pattern=rf"^{LABEL}$", max_length=63)]
# https://kubernetes.io/docs/reference/access-authn-authz/rbac/: as part of a path, so with colons.
RoleName = Annotated[
    str, Meta(pattern=r"^(?!\.{1,2}$)[^/%\s]+$"), Kind("the name of a ClusterRole")
]
ServiceAccount = Annotated[
    str,
    Meta(pattern=rf"^system:serviceaccount:{LABEL}:{SUBDOMAIN}$"),
    Kind("a service account, system:serviceaccount:NAMESPACE:NAME"),
]
ConfigMapKey = Annotated[
    str,
    Meta(pattern=r"^(?!\.{1,2}$)[-._a-zA-Z0-9]+$", max_length=253),
    Kind("a key of a ConfigMap: letters, digits, - _ ."),
]
FieldManager = Annotated[
    str, Meta(pattern=r"^[!-~]+$", max_length=128), Kind("the name of a field manager")
]
FieldManagers = Annotated[list[FieldManager], Kind("a list of names of field managers")]
Namespaces = Annotated[list[Label], Meta(min_length=1), Kind("a list of namespaces")]
Rules = Annotated[
    list[dict[str, list[str]]], Meta(min_length=1), Kind("rules of a role", check=check_rules)
]


class RunnerPod(Group, frozen=True, kw_only=True):
    """The pod of the runner that runs the experiment."""

    group: ClassVar[str] = "runner_pod"

    experiment_runner: Annotated[
        Count, About("runner whose pod is replaced after each experiment job", FOLLOW)
    ]
    experiment_job_prefix: Annotated[
        Text, About("what the names of the experiment's jobs begin with", FOLLOW)
    ]
    follow_seconds: Annotated[Seconds, About("to follow the experiment", FOLLOW)]
    runner_ready_seconds: Annotated[
        Seconds, About("that the next pod may take to be ready", FOLLOW, "overview")
    ]


class ExperimentConfig(Group, frozen=True, kw_only=True):
    """The configuration of the experiment, which is in three places."""

    group: ClassVar[str] = "experiment_config"

    experiment_config_key: Annotated[ConfigMapKey, About("key of the ConfigMap", *CONFIG)]
    experiment_config_values: Annotated[
        dict[str, Any],
        Kind("a value for each JSONPath, as JSON", check=check_values, hidden=True),
        About("what all three places have; may name {host}, {port}, {user}", *CONFIG),
    ]
    experiment_config_map_file: Annotated[
        RepositoryPath, About("source of the ConfigMap, in the repository", *CONFIG)
    ]
    experiment_config_file: Annotated[
        RepositoryPath, About("its twin for CI, in the repository", *CONFIG)
    ]
    experiment_ci_variables: Annotated[
        dict[str, str],
        Kind("a value for each variable, as JSON", check=check_variables),
        About("what ci_file sets, too; may name {host}, {port}, {user}", *CONFIG),
    ] = {}


class ExperimentRole(Group, frozen=True, kw_only=True):
    """The ClusterRole of the experiment's jobs: what they must be allowed to do, and where."""

    group: ClassVar[str] = "experiment_role"

    experiment_role_name: Annotated[
        RoleName, About("ClusterRole and its bindings", "experiment_rbac", names_hosts=True)
    ]
    experiment_service_account: Annotated[
        ServiceAccount, About("user as whom the jobs run", *RIGHTS)
    ]
    experiment_rules: Annotated[Rules, About("what the jobs must be allowed to do", *RIGHTS)]
    database_namespaces: Annotated[
        Namespaces,
        About(
            "where the pods of the databases are, and the rights must hold",
            *RIGHTS,
            names_hosts=True,
        ),
    ]
    field_manager: Annotated[
        FieldManager, About("as whom fields are owned in server-side apply", "experiment_rbac")
    ]
    field_managers_taken_over: Annotated[
        FieldManagers, About("whose fields may be taken over", "experiment_rbac")
    ]


class Namespaced(Group, frozen=True, kw_only=True):
    """One RoleBinding for each namespace."""

    group: ClassVar[str] = "experiment_role_bindings"

    namespace: Annotated[Label, Kind("a namespace"), About("where it is", "experiment_rbac")]
