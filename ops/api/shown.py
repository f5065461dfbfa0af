"""The one way of a text to a terminal or into pyinfra's own log: no secret, nothing that steers.

Whoever makes a text need not know what it holds; this is what stands between it and a reader.
"""

import re

from ops.api.visible import visible_but_styles

SHORTEST = 8  # A shorter value would be found in words that have nothing to do with it.
STARS = "***"
_IN_URL = re.compile(r"(\b[a-z][a-z0-9+.-]*://)([^/?#\s\"'<>]*)@", re.IGNORECASE)
_USER_ALONE = ("ssh://", "git+ssh://", "ssh+git://")  # Elsewhere a user may be a token.
_never: set[str] = set()


def never_show(value: str) -> None:
    """Keep a secret out of all that is printed from now on.

    + value: a token or a password; each line of it, where it has several
    """
    _never.update(part for part in value.split() if len(part) >= SHORTEST)


def without_credentials(text: str) -> str:
    """Return a text with the user and the password of each URL in it as stars.

    + text: a URL, or a message of somebody else's that may hold one
    """
    return _IN_URL.sub(_starred, text)


def holds_secret(text: str) -> bool:
    """Return whether a text has a part that is never shown."""
    return any(value in text for value in _never) or without_credentials(text) != text


def shown(text: str) -> str:
    """Return a text as it may be printed.

    + text: a line as it is about to be printed; the colours of click stay
    """
    for value in sorted(_never, key=len, reverse=True):
        text = text.replace(value, STARS)
    return visible_but_styles(without_credentials(text))


def _starred(match: re.Match[str]) -> str:
    scheme, user = match.groups()
    is_user_alone = scheme.lower() in _USER_ALONE and ":" not in user
    return match[0] if is_user_alone else f"{scheme}{STARS}@"
