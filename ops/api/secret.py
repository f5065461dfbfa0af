"""A value that is never shown: previews, logs, tracebacks and JSON have only its fingerprint."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from pyinfra.api.hiddenvalue import HiddenValue
from typing_extensions import override

from ops.api.secret_names import is_secret_name

# Fingerprints are keyed with a key of this process, so that a short or guessable
# secret cannot be found from a log by hashing candidates.
_FINGERPRINT_KEY = secrets.token_bytes(32)

_SECRET_CONTAINERS = {"data", "stringData"}
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Secret(HiddenValue):
    """Hold a secret; show `secret:` and eight hexadecimal digits that change with the value.

    + value: the secret itself; `unmask()` gives it back

    Equal secrets are equal and have equal fingerprints within one run of pyinfra, not across runs.
    """

    def __init__(self, value: str) -> None:
        digest = hmac.new(_FINGERPRINT_KEY, value.encode(), hashlib.sha256).hexdigest()
        super().__init__(value, f"secret:{digest[:8]}")  # type: ignore[no-untyped-call]

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.unmask().encode(), other.unmask().encode())

    @override
    def __hash__(self) -> int:
        return hash(self.masked_value)

    def to_json(self) -> str:
        """Return the fingerprint: pyinfra's JSON output calls this (debug-inventory, --json)."""
        return str(self)


def reveal(value: Any) -> Any:
    """Return a copy of a JSON-like value in which each secret is replaced by its real value."""
    if isinstance(value, HiddenValue):
        return value.unmask()
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [reveal(item) for item in value]
    return value


def masked(text: str, value: Any) -> str:
    """Return a text in which the secrets of a JSON-like value give way to their fingerprints.

    + text: for example an API's error message, which may repeat what was sent
    + value: for example the body that was sent
    """
    for secret in _secrets(value):
        if secret.unmask():
            text = text.replace(str(secret.unmask()), str(secret))
    return text


def _secrets(value: Any) -> Iterator[HiddenValue]:
    if isinstance(value, HiddenValue):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _secrets(item)


def conceal(value: Any, kind: str = "") -> Any:
    """Return a copy of an API's answer in which what must not be printed is a `Secret`.

    + value: the answer, or a part of it
    + kind: kind of the Kubernetes object that it is a part of, where it does not say so itself

    Concealed are string fields whose name ends in token, password, secret, private_key or
    passphrase, the value of a GitLab CI/CD variable, the value of a variable of a container whose
    name ends so, and the data of a Kubernetes Secret, also as kubectl's last applied configuration.
    So are texts that are JSON documents with such a field, and the content of a repository's file.
    """
    if isinstance(value, list):
        return [conceal(item, kind) for item in value]
    if not isinstance(value, dict):
        return value
    kind = str(value.get("kind", kind)).removesuffix("List")
    return {name: _concealed(name, item, value, kind) for name, item in value.items()}


def _concealed(name: str, item: Any, around: Mapping[str, Any], kind: str) -> Any:
    if kind == "Secret" and name in _SECRET_CONTAINERS and isinstance(item, dict):
        return {key: Secret(str(text)) for key, text in item.items()}
    if not isinstance(item, str) or not item:
        return conceal(item, kind)
    # Those of the instance, of a pipeline and of a schedule have no environment.
    is_variable = "key" in around and bool({"environment_scope", "variable_type"} & {*around})
    is_secret = (
        is_secret_name(name)
        or (name == "value" and (is_variable or is_secret_name(str(around.get("name", "")))))
        or (name == _LAST_APPLIED and kind == "Secret")
        or (name == "content" and around.get("encoding") == "base64")  # A file may hold anything.
        or _holds_secret(item)
    )
    return Secret(item) if is_secret else item


def _holds_secret(text: str) -> bool:
    """Return whether a text is a JSON document itself, with something in it that is concealed."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        document = json.loads(text)
    except ValueError:
        return False
    return any(_secrets(conceal(document)))
