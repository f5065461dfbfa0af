"""Which failures of TLS are about a certificate, and which about the connection."""

import ssl
from collections.abc import Iterator


def is_certificate_refused(error: BaseException | None) -> bool:
    """Return whether a certificate failed verification; not that a handshake was cut.

    + error: what a client library raised; the error of `ssl` is somewhere within
    """
    return any(isinstance(part, ssl.SSLCertVerificationError) for part in _parts(error))


def is_cut(error: BaseException | None) -> bool:
    """Return whether the other side ended the connection during or after the handshake."""
    kinds = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)
    return any(isinstance(part, kinds) for part in _parts(error))


def _parts(error: object, depth: int = 8) -> Iterator[BaseException]:
    """Yield an error and what it was made of: requests and urllib3 wrap one another's."""
    if not isinstance(error, BaseException) or not depth:
        return
    yield error
    for inner in (*error.args, getattr(error, "reason", None), error.__cause__, error.__context__):
        if inner is not error:
            yield from _parts(inner, depth - 1)
