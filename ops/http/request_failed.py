"""The error of a request that failed, with the status of the answer."""

# Asking again does not change these: the token, the rights, or that there is no such resource.
PERMANENT = frozenset({401, 403, 404})


class RequestFailed(OSError):
    """A request was not answered, or an API has refused it.

    + message: in words
    + status: of HTTP, 0 without an answer
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def is_permanent(error: Exception) -> bool:
    """Return whether an error is a refusal that stays one, however often the API is asked."""
    return isinstance(error, RequestFailed) and error.status in PERMANENT
