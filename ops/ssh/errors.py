"""Why an SSH host was not reached, in one line."""

from paramiko import ChannelException, SSHException


class NotReached(SSHException):
    """An SSH host was not reached; the text is the line that says why."""


def words(error: BaseException) -> str:
    """Return what an error of paramiko says; some say nothing but what they are."""
    if isinstance(error, ChannelException):
        return str(error.text)
    return str(error) or type(error).__name__
