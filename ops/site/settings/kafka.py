"""Settings of the groups `kafka` and `kafka_broker`."""

from typing import Annotated, ClassVar

from msgspec import Meta

from ops.api.settings.group import About, Group
from ops.api.settings.kinds import (
    Approval,
    Kind,
    Path,
    PathOrEmpty,
    Regex,
    Seconds,
    Text,
    Variable,
    WholeTexts,
)

Commit = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{7,40}$"), Kind("a commit, 7 to 40 hexadecimal digits")
]
# A distinguished name has commas: User:CN=example,O=site.
Users = Annotated[
    list[Annotated[str, Meta(pattern=r"^[A-Za-z]+:\S.*$")]],
    Meta(min_length=1),
    Kind("a list of Kafka's users, such as User:ANONYMOUS", commas=True),
]
Address = Annotated[str, Meta(pattern=r"^\S+:[0-9]{1,5}$"), Kind("HOST:PORT")]

PROOF = "revert_super_users"
CHAIN = ("overview", "verify_kafka_sasl")


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
    evidence_wanted: Annotated[Regex, About("line that proves it", PROOF)]
    evidence_forbidden: Annotated[WholeTexts, About("what refutes it", PROOF)]
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

    kafka_user_name: Annotated[Text, About("KafkaUser", *CHAIN)]
    kafka_password_variable: Annotated[Variable, About("CI/CD variable with its password", *CHAIN)]
    kafka_password_exported_as: Annotated[
        Variable, About("as which the jobs hand it to the client", *CHAIN)
    ]
    kafka_client_file: Annotated[Path, About("source that reads it, in the repository", *CHAIN)]
    kafka_bootstrap: Annotated[Address, About("listener with SASL", "verify_kafka_sasl")]
    kafka_programs: Annotated[
        PathOrEmpty, About("Kafka's programs in the pod; empty: on its PATH", "verify_kafka_sasl")
    ]
