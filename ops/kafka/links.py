"""The links of the chain from Kafka's user to a login: whether each is OK, and what was seen."""

import base64
import re

from pyinfra.api.host import Host

from ops.api.secret import Secret
from ops.api.visible import cut
from ops.gitlab.facts.repository import RepositoryFile
from ops.http.watch import ask
from ops.kafka.anonymous import brokers
from ops.kafka.chain_settings import Settings
from ops.kafka.connection import answers, properties
from ops.kafka.libraries import verdict
from ops.kafka.rights import PREFIX, may_write, rights
from ops.kafka.strimzi import condition, is_ready
from ops.kubernetes.facts import Object, Pods


def user(user: Host) -> tuple[bool, str]:
    """Return whether the operator reports the KafkaUser as Ready."""
    live = ask(user, Object)
    return (False, "it does not exist") if live is None else (is_ready(live), condition(live))


def secret(secret: Host, password: list[Secret]) -> tuple[bool, str]:
    """Return whether the Secret has a password, and the same one for Kafka's own client."""
    live = ask(secret, Object)
    if live is None:
        return False, "it does not exist"
    # Other keys may hold what is no text.
    kept = live.get("data") or {}
    keys = ("password", "sasl.jaas.config")
    data = {key: base64.b64decode(kept[key].unmask()).decode() for key in keys if key in kept}
    if data.get("password"):
        password.append(Secret(data["password"]))
    missing = [key for key in keys if not data.get(key)]
    if missing:
        return False, f"without {', '.join(missing)}"
    # Strimzi puts the password there as it is, without escaping.
    if f'password="{data["password"]}"' not in data["sasl.jaas.config"]:
        return False, "the password in sasl.jaas.config is another one"
    return True, f"password {password[0]}"


def exported(project: Host, settings: Settings) -> tuple[bool, str]:
    """Return whether the jobs hand the password to the client."""
    line = rf'\b{settings.exported_as}="?\$\{{?{settings.variable}\b'
    return _line_of(project, settings.ci_file, settings.ci_branch, line, "#")


def port(project: Host, settings: Settings) -> tuple[bool, str]:
    """Return whether no variable there is the same host with another port."""
    host = re.escape(settings.host.partition(".")[0]) + r"[\w.-]*"  # Short, or in full.
    other = rf"""^\s*(?:-\s*)?(?:export\s+)?\w+\s*[:=]\s*["']?{host}:(?!{settings.port}\b)\d"""
    found, seen = _line_of(project, settings.ci_file, settings.ci_branch, other, "#")
    if found:
        return False, f"not {settings.port}: {seen}"
    return seen.startswith("no line"), f"no variable has another one than {settings.port}"


def source(project: Host, settings: Settings) -> tuple[bool, str]:
    """Return whether all files of the client that are named read the password."""
    line = rf'getenv\(\s*"{settings.exported_as}"\s*\)'
    found = []
    for path in settings.client_files:
        is_there, seen = _line_of(project, path, settings.ci_branch, line, "//")
        if not is_there:
            return False, f"{path}: {seen}"
        found.append(f"{path}: {seen}")
    return True, "; ".join(found)


def library(cluster: Host, settings: Settings) -> tuple[bool, str]:
    """Return whether the client's library can log in to these brokers at all."""
    live = ask(cluster, Object) or {}
    return verdict(settings.library(), str((live.get("status") or {}).get("kafkaVersion") or ""))


def rights_of(cluster: Host, user: Host, settings: Settings) -> tuple[bool, str]:
    """Return whether the user may write to the topics in use."""
    kafka, account = ask(cluster, Object), ask(user, Object)
    if kafka is None or account is None:
        return False, "there is no such cluster or user"
    places = rights(kafka)
    if not places.authorizer:
        return False, places.lines()[0]
    if f"{PREFIX}{settings.user}" in places.super_users:
        return True, f"{settings.user} is a super user"
    topics = settings.topics()
    missing = [topic for topic in topics if not may_write(account, topic)]
    if missing:
        return False, f"no ACL lets {settings.user} write to {', '.join(missing)}"
    return True, f"{settings.user} may write to {', '.join(topics)}"


def _line_of(project: Host, path: str, ref: str, pattern: str, comment: str) -> tuple[bool, str]:
    file = ask(project, RepositoryFile, path=path, ref=ref)
    if file is None:
        return False, f"{ref} has no such file"
    for number, line in enumerate(file.text.splitlines(), 1):
        code = re.split(rf"(?:^|\s){comment}", line)[0]
        if re.search(pattern, code):
            return True, f"line {number}: {cut(line.strip(), 80)}"
    return False, f"no line matches {pattern}"


def connection(
    cluster: Host, broker: Host, settings: Settings, password: list[Secret]
) -> tuple[bool, str]:
    """Return whether Kafka's own client gets in at all brokers."""
    live = ask(cluster, Object)
    namespace, selector = live["metadata"]["namespace"], brokers(live)
    expected = len(ask(cluster, Pods, namespace=namespace, selector=selector))
    if not settings.logs_in:
        plain = ["security.protocol=PLAINTEXT"]
        done, seen = answers(broker, settings.programs, settings.address, plain, expected)
        return done, f"anybody at {settings.address}: {seen}" if done else cut(seen, 300)
    if not password:
        return False, "there is no password to log in with"
    lines = properties(settings.user, password[0].unmask())
    done, seen = answers(broker, settings.programs, settings.address, lines, expected)
    seen = cut(seen.replace(password[0].unmask(), str(password[0])), 300)
    return done, f"{settings.user} at {settings.address}: {seen}" if done else seen
