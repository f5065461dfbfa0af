"""Who may do everything in a Kafka cluster: four places of its resource, of which some count.

`spec.kafka.authorization.superUsers` is what the brokers get, each entry with `User:` in front.
`super.users` in `spec.kafka.config` is dropped by the operator, which says so in its own log alone.
Without `authorization` everybody may do everything, and with `allow.everyone.if.no.acl.found`
everybody may use what has no ACL.
https://strimzi.io/docs/operators/latest/configuring#type-KafkaAuthorizationSimple-reference
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

IN_FORCE = "/spec/kafka/authorization/superUsers"
IGNORED = "/spec/kafka/config/super.users"
IGNORED_KEY = "super.users in spec.kafka.config"
EVERYONE = "allow.everyone.if.no.acl.found"
PREFIX = "User:"
ANONYMOUS = f"{PREFIX}ANONYMOUS"


@dataclass(frozen=True)
class Rights:
    """What the four places say.

    + authorizer: its type; empty where there is none
    + super_users: those that the brokers get
    + ignored: those that the configuration names in vain
    + everyone: whether everybody may use what has no ACL
    """

    authorizer: str
    super_users: tuple[str, ...]
    ignored: tuple[str, ...]
    everyone: bool

    def lines(self) -> list[str]:
        """Return the places, and which of them is in force."""
        found = []
        if not self.authorizer:
            found.append("no spec.kafka.authorization: everybody may do everything")
        else:
            users = ", ".join(self.super_users) or "none"
            found.append(f"super users in force ({self.authorizer}): {users}")
        if self.ignored:
            users = ", ".join(self.ignored)
            found.append(f"{IGNORED_KEY}, which Strimzi ignores: {users}")
        if self.everyone:
            found.append(f"{EVERYONE}: everybody may use what has no ACL")
        return found

    def holding(self, users: Collection[str]) -> list[str]:
        """Return why some users have rights without any ACL; empty where they have none.

        + users: such as "User:ANONYMOUS"
        """
        if not self.authorizer:
            return ["spec.kafka.authorization is missing, so everybody may do everything"]
        found = [f"{user} is a super user" for user in self.super_users if user in users]
        if self.everyone:
            found.append(f"spec.kafka.config has {EVERYONE}, so everybody may use what has no ACL")
        return found


def rights(document: Mapping[str, Any]) -> Rights:
    """Return what the four places of a Kafka resource say."""
    kafka = document["spec"]["kafka"]
    authorization, config = kafka.get("authorization") or {}, kafka.get("config") or {}
    return Rights(
        authorizer=str(authorization.get("type") or ""),
        super_users=tuple(f"{PREFIX}{user}" for user in authorization.get("superUsers") or []),
        ignored=tuple(split(config.get("super.users"))),
        everyone=str(config.get(EVERYONE, False)).strip().lower() == "true",
    )


def split(value: Any) -> list[str]:
    """Return the users that a value of `super.users` names: a text with semicolons, or a list."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [user.strip() for item in items for user in str(item).split(";") if user.strip()]


def removal(document: Mapping[str, Any], users: Collection[str]) -> dict[str, tuple[Any, Any]]:
    """Return what has to change so that some users are super users nowhere.

    + users: such as "User:ANONYMOUS"

    The keys are JSON pointers, the values what is there and what is wanted; None means absent.
    """
    found: dict[str, tuple[Any, Any]] = {}
    kafka = document["spec"]["kafka"]
    now = (kafka.get("authorization") or {}).get("superUsers") or []
    # "User:ANONYMOUS" there makes User:User:ANONYMOUS, which is nobody: it was meant to be one.
    left = [user for user in now if not {user, f"{PREFIX}{user}"} & set(users)]
    if left != now:
        found[IN_FORCE] = (now, left or None)
    text = (kafka.get("config") or {}).get("super.users")
    kept = [user for user in split(text) if user not in users]
    if kept != split(text):
        found[IGNORED] = (text, (kept if isinstance(text, list) else ";".join(kept)) or None)
    return found


def open_ports(document: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    """Return the ports at which clients get in without a login: the plain ones, those with TLS."""
    listeners = document["spec"]["kafka"].get("listeners") or []
    found = [entry for entry in listeners if not entry.get("authentication")]
    plain = [int(entry["port"]) for entry in found if not entry.get("tls")]
    return plain, [int(entry["port"]) for entry in found if entry.get("tls")]


def may_write(user: Mapping[str, Any], topic: str) -> bool:
    """Return whether the ACLs of a KafkaUser let it write to a topic.

    + user: the KafkaUser; the user operator takes away ACLs that were made by hand
    """
    acls = (user["spec"].get("authorization") or {}).get("acls") or []
    matching = [acl for acl in acls if _covers(acl, topic)]
    denied = any(acl.get("type") == "deny" for acl in matching)
    return bool(matching) and not denied


def _covers(acl: Mapping[str, Any], topic: str) -> bool:
    operations = acl.get("operations") or [acl.get("operation", "All")]  # The second one is old.
    resource = acl.get("resource") or {}
    name = resource.get("name", "")
    is_it = (
        topic.startswith(name) if resource.get("patternType") == "prefix" else name in (topic, "*")
    )
    is_topic = resource.get("type") == "topic"
    return is_topic and is_it and bool({"Write", "All"} & set(operations))
