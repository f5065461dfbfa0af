"""The body of an answer, of which no more is read than fits into a memory."""

from collections.abc import Iterable, Mapping

from ops.http.request import Request
from ops.http.response import AnswerLost

# GitLab keeps 100 MiB of a job's log unless told otherwise, and that is the longest text that is
# asked for; etcd keeps no object of more than 1.5 MiB. In memory it is several times as large.
LARGEST = 128 * 2**20
CHUNK = 2**16


class TooLarge(Exception):
    """An answer has a larger body than anything that is asked for."""


def whole(headers: Mapping[str, str], chunks: Iterable[bytes]) -> bytes:
    """Return the body of an answer; raise TooLarge as soon as it is known that it is too large.

    + headers: of the answer
    + chunks: the body as it comes, decompressed
    """
    declared = headers.get("Content-Length") or ""
    if declared.isdecimal() and int(declared) > LARGEST:
        raise TooLarge
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST:
            raise TooLarge
    return bytes(body)


def too_large(request: Request) -> OSError:
    """Return the error of a request whose answer is too large: a write may have been done."""
    text = (
        f"{request.method} {request.path} -> an answer of more than {LARGEST // 2**20} MiB, of"
        " which the rest was not read (is that address the API's? is the log of a job so long?)"
    )
    return AnswerLost(text) if request.mutating else OSError(text)
