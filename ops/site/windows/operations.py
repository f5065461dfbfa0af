"""The operation that explains maintenance windows. Nothing is changed."""

from collections.abc import Iterator, Sequence

from pyinfra import context, host
from pyinfra.api.command import PyinfraCommand

from ops.api.console import print_line
from ops.api.operation import operation


@operation
def explanation(lines: Sequence[str]) -> Iterator[PyinfraCommand]:
    """
    Print what the maintenance windows are, while the run is prepared.

    + lines: the explanation

    **Example:**

    ```python
    windows.explanation(
        name="Explain the windows",
        lines=["All jobs: open by sunday"],
    )
    ```
    """
    if not context.state.is_executing:
        for line in lines:
            print_line(line)
    host.noop("it only looks")
    yield from ()
