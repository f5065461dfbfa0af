"""What a host that cannot be read means for the run."""

import sys

from pyinfra.api.state import State

from ops.api.command_line import is_dry_run


def decide_about_failed_hosts(state: State) -> None:
    """Let a failed host end the run at once where nobody can answer pyinfra's question.

    Without a terminal the question ends in an EOFError and a traceback (pyinfra 3.10). A preview
    goes on without the host, shows what there is for the others, and ends with exit code 1.
    """
    if is_dry_run():
        state.should_raise_failed_hosts = lambda state: False
    elif not sys.stdin or not sys.stdin.isatty():
        state.should_raise_failed_hosts = None
