"""A redirect is followed by nobody here: who follows it sends the token to another host.

A client that followed one would also send a write again as a read (RFC 9110, 15.4.2), and take the
answer for that of the write.
"""

from urllib.parse import urljoin, urlsplit

from ops.http.request import Request
from ops.http.response import AnswerLost, shorten

STATUSES = frozenset({300, 301, 302, 303, 307, 308})


def refused(request: Request, status: int, asked: str, location: str | None) -> OSError:
    """Return the error of a request that was answered with a redirect.

    + request: what was sent
    + status: of the answer
    + asked: the URL that was asked
    + location: where the answer points to, which may be relative

    What stands before an API may have passed a write on, so that is an AnswerLost: it is read again
    whether it was done. A read is not repeated, since it would be answered alike.
    """
    text = f"{request.method} {request.path} -> {explain(status, asked, location)}"
    return AnswerLost(text) if request.mutating else OSError(text)


def explain(status: int, asked: str, location: str | None) -> str:
    """Return what a redirect says, with both addresses, and what helps."""
    target = _address(urljoin(asked, location)) if location else "nowhere"
    return (
        f"{status}: {_address(asked)} redirects to {target}. No redirect is followed: set the API's"
        " own address"
    )


def _address(url: str) -> str:
    """Return a URL without what may be secret in it: a user, a password, a query."""
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return "an address that is none"
    printable = "".join(
        c if c.isprintable() else "�" for c in f"{parts.scheme}://{host}{parts.path}"
    )
    return shorten(printable)
