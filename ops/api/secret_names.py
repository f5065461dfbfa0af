"""Which names are those of secrets."""

import re

_SECRET_NAME = re.compile(r"(token|password|secret|private_key|passphrase)$", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Return whether what has this name is a secret: it ends in token, password or the like."""
    return bool(_SECRET_NAME.search(name))
