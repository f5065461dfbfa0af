"""Why an SSH host was not reached, in one line."""

from paramiko import SSHException


class NotReached(SSHException):
    """An SSH host was not reached; the text is the line that says why."""
