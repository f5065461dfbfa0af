"""The running brokers: the configuration with which each was started, and whom it lets do what.

https://github.com/strimzi/strimzi-kafka-operator, KafkaBrokerConfigurationBuilder;
https://kafka.apache.org/41/documentation.html#security_authz
"""

from collections.abc import Mapping
from typing import Any

from lab.kafka.initial import BROKERS

# Keys of spec.kafka.config that Strimzi's operator drops, with a line in its own log alone.
FORBIDDEN = (
    *("listeners", "advertised.", "broker.", "listener.", "host.name", "port", "sasl.", "ssl."),
    *("security.", "password.", "log.dir", "authorizer.", "super.user", "node.id", "process.roles"),
)
EVERYONE = "allow.everyone.if.no.acl.found"
ANONYMOUS = "User:ANONYMOUS"

Configuration = Mapping[str, Any]


class Brokers:
    """What each broker was started with; a change counts when it was restarted."""

    def __init__(self) -> None:
        self.running: dict[int, Configuration] = {}

    def start_all(self, configuration: Configuration) -> None:
        """Have all brokers run with a configuration."""
        self.running = dict.fromkeys(BROKERS.values(), configuration)

    def state(self) -> dict[str, Any]:
        """Return whether anonymous clients may do everything, by broker, and the super users."""
        return {
            str(number): {"super_users": c["super.users"], "anonymous_is_let": may_all(c)}
            for number, c in self.running.items()
        }


def render(kafka: dict[str, Any]) -> Configuration:
    """Return the configuration that the operator makes of a Kafka resource."""
    spec = kafka["spec"]["kafka"]
    authorization = spec.get("authorization") or {}
    # Whatever stands there gets "User:" put in front, "User:ANONYMOUS" as well.
    users = [f"User:{user}" for user in authorization.get("superUsers") or []]
    config = {k: v for k, v in (spec.get("config") or {}).items() if not k.startswith(FORBIDDEN)}
    return {
        "authorizer": authorization.get("type"),
        "super.users": users,
        "config": config,
        "listeners": spec["listeners"],
    }


def may_all(configuration: Configuration, user: str = ANONYMOUS) -> bool:
    """Return whether a user without ACLs may do what is about the cluster."""
    if configuration["authorizer"] is None or user in configuration["super.users"]:
        return True
    return str(configuration["config"].get(EVERYONE, False)).lower() == "true"
