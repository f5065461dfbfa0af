"""A request that a system refuses."""

from typing import Any


class Refused(Exception):
    """A request that is refused, with the status and the message of the answer."""

    def __init__(self, status: int, message: Any, key: str = "message") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.body = {key: message}
