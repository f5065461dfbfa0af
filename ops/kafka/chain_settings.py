"""What the links of the chain from Kafka's user to a login are called on a site."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What the links are called.

    + ci_branch, ci_file: where the CI configuration is
    + variable, scope: the CI/CD variable that holds the password
    + exported_as: the variable that the client reads
    + client_files: files of the client that read it
    + user: name of the KafkaUser
    + topics: returns those that clients write to
    + library: returns the client's library, such as "librdkafka 2.6.1"; empty where nobody knows
    + host, port: of the listener that clients use
    + logs_in: whether clients log in there
    + programs: directory of Kafka's programs in the broker pod; empty: on its PATH
    """

    ci_branch: str
    ci_file: str
    variable: str
    scope: str
    exported_as: str
    client_files: Sequence[str]
    user: str
    topics: Callable[[], Sequence[str]]
    library: Callable[[], str]
    host: str
    port: int
    logs_in: bool
    programs: str

    @property
    def address(self) -> str:
        """`HOST:PORT`."""
        return f"{self.host}:{self.port}"
