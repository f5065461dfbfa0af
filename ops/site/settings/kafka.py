"""Settings of the groups `kafka` and `kafka_broker`."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from msgspec import Meta
from pyinfra.api.exceptions import InventoryError
from pyinfra.api.inventory import Inventory

from ops.api import json_text
from ops.api.settings.group import About, Group
from ops.api.settings.kinds import (
    Approval,
    Kind,
    Path,
    PathOrEmpty,
    Regex,
    RepositoryPaths,
    Seconds,
    TextOrEmpty,
    Variable,
    regular_expression,
)
from ops.site.endpoint import Endpoint, check_parts, filled, filled_pattern, is_template
from ops.site.settings.names import SUBDOMAIN

Commit = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{7,40}$"), Kind("a commit, 7 to 40 hexadecimal digits")
]
# A distinguished name has commas: User:CN=example,O=site.
Users = Annotated[
    list[Annotated[str, Meta(pattern=r"^[A-Za-z]+:\S.*$")]],
    Meta(min_length=1),
    Kind("a list of Kafka's users, such as User:ANONYMOUS", commas=True),
]
# Strimzi makes a Secret of the same name, and the name is what clients log in with.
UserName = Annotated[
    str, Meta(pattern=rf"^{SUBDOMAIN}$", max_length=253), Kind("the name of a KafkaUser")
]
HostName = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"), Kind("the name of a host")
]
_PORT = Meta(ge=1, le=65535)
Port = Annotated[int, _PORT, Kind("a port, from 1 to 65535")]
Ports = Annotated[list[Annotated[int, _PORT]], Kind("a list of ports")]


def check_pattern(text: str) -> None:
    """Raise ValueError with a reason where a template of a regular expression is none."""
    check_parts(text)
    regular_expression(text)


def check_endpoint_patterns(patterns: list[str]) -> None:
    """Raise ValueError with a reason where one of some templates of regular expressions is none."""
    for pattern in patterns:
        check_pattern(pattern)


def check_patterns(patterns: list[str]) -> None:
    """Raise ValueError with a reason where one of some regular expressions is none."""
    for pattern in patterns:
        regular_expression(pattern)


def check_consumer(text: str) -> None:
    """Raise ValueError with a reason where a regular expression does not have one group."""
    regular_expression(text)
    if text and re.compile(text).groups != 1:
        raise ValueError("it has to have one group, the number of messages")


def check_topics(topics: list[str]) -> None:
    """Raise ValueError with a reason where one that begins with `$` is no JSONPath."""
    json_text.check_paths({topic: "" for topic in topics if topic.startswith("$")})


Patterns = Annotated[
    list[Annotated[str, Meta(min_length=1)]],
    Kind("a list of regular expressions", commas=True, check=check_patterns),
]
Pattern = Annotated[Regex, Kind("a regular expression", check=check_pattern)]
EndpointPatterns = Annotated[
    list[Annotated[str, Meta(min_length=1)]],
    Kind("a list of regular expressions", commas=True, check=check_endpoint_patterns),
]
Consumer = Annotated[
    str, Kind("a regular expression with one group, or empty", check=check_consumer)
]
Topics = Annotated[
    list[Annotated[str, Meta(pattern=r"^(\$.*|[A-Za-z0-9._-]+)$")]],
    Meta(min_length=1),
    Kind("a list of Kafka's topics, or JSONPaths that lead to them", check=check_topics),
]

PROOF = "revert_super_users"
CHAIN = ("overview", "verify_kafka_sasl")
ENDPOINT = ("kafka_config", "revert_super_users", *CHAIN)


class Kafka(Group, frozen=True, kw_only=True):
    """The Kafka resource of Strimzi, and what proves that its clients use SASL."""

    group: ClassVar[str] = "kafka"

    removed_super_users: Annotated[
        Users, About("super users that are taken away", PROOF, "overview")
    ]
    sasl_required_commit: Annotated[
        Commit, About("only pipelines of it and later ones prove something", PROOF)
    ]
    evidence_jobs: Annotated[Regex, About("jobs whose logs count", PROOF)]
    evidence_wanted: Annotated[
        Pattern, About("line that proves it; may name {host}, {port}, {user}", PROOF)
    ]
    evidence_producer: Annotated[Regex, About("lines in which evidence_forbidden counts", PROOF)]
    evidence_forbidden: Annotated[
        EndpointPatterns,
        About("what refutes it there; may name {host}, {port}, {user}", PROOF),
    ]
    evidence_consumer: Annotated[
        Consumer,
        About("line of a consumer, with the number of messages that it has got", PROOF),
    ] = ""
    evidence_failures: Annotated[Patterns, About("lines of a client library that refute it", PROOF)]
    evidence_artifact: Annotated[
        PathOrEmpty, About("where an empty log stands, too, by {system}; empty: nowhere", PROOF)
    ] = ""
    evidence_topics: Annotated[
        Topics,
        About(
            "topics of the clients, or where experiment_config_file has them: messages must have"
            " arrived there",
            *(PROOF, *CHAIN),
        ),
    ]
    evidence_directory: Annotated[Path, About("where proofs are kept on @local", PROOF)]
    evidence_required: Annotated[
        Approval, About("whether it fails where there is no proof yet", PROOF)
    ] = True
    kafka_ready_seconds: Annotated[
        Seconds, About("until Kafka is Ready again, or the change is put back", PROOF)
    ]


class KafkaBroker(Group, frozen=True, kw_only=True):
    """A broker's pod, in which a login is tried, and the chain that leads to that."""

    group: ClassVar[str] = "kafka_broker"

    kafka_host: Annotated[HostName, About("bootstrap service that clients use", *ENDPOINT)]
    kafka_port: Annotated[
        Port, About("its listener that clients use: documents and chain follow", *ENDPOINT)
    ]
    kafka_login_ports: Annotated[Ports, About("listeners at which clients log in", *ENDPOINT)]
    kafka_user_name: Annotated[UserName, About("KafkaUser", *ENDPOINT)]
    kafka_password_variable: Annotated[Variable, About("CI/CD variable with its password", *CHAIN)]
    kafka_password_exported_as: Annotated[
        Variable, About("as which the jobs hand it to the client", *CHAIN)
    ]
    kafka_client_files: Annotated[
        RepositoryPaths, About("sources that read it, in the repository", *CHAIN)
    ]
    kafka_client_library: Annotated[
        TextOrEmpty,
        About("the client's, such as librdkafka 2.6.1; empty: as its log says", *CHAIN),
    ] = ""
    kafka_programs: Annotated[
        PathOrEmpty, About("Kafka's programs in the pod; empty: on its PATH", "verify_kafka_sasl")
    ]

    @property
    def endpoint(self) -> Endpoint:
        """Return where the clients connect, and as whom."""
        user = self.kafka_user_name if self.kafka_port in self.kafka_login_ports else ""
        return Endpoint(self.kafka_host, self.kafka_port, user)


def with_endpoint(inventory: Inventory, value: Any) -> Any:
    """Return the value of a setting with the parts of the endpoint that it names."""
    return filled(value, KafkaBroker.of(inventory).endpoint) if is_template(value) else value


def pattern_with_endpoint(inventory: Inventory, pattern: str) -> str:
    """Return a regular expression out of the settings with the parts of the endpoint in it."""
    if not is_template(pattern):
        return pattern
    return filled_pattern(pattern, KafkaBroker.of(inventory).endpoint)


def endpoint_problems(inventory: Inventory, templates: dict[str, str]) -> Iterator[str]:
    """Return a text where a setting names the endpoint, and nothing says where that is.

    + inventory: of the run
    + templates: settings that may name it, each with the group whose hosts have it
    """
    for name, group in templates.items():
        hosts = inventory.get_group(group, [])
        if not any(is_template(host.data.get(name)) for host in hosts):
            continue
        try:
            KafkaBroker.of(inventory)
        except InventoryError as error:
            yield f"{name} names Kafka's endpoint, and {error}"
