"""Work that is more than one request: watching, waiting, writing a file of the operator's."""

from collections.abc import Callable, Sequence
from typing import Any

from pyinfra.api.command import FunctionCommand
from typing_extensions import override


class Action(FunctionCommand):
    """Name a function that runs when the operation is executed, never while it is previewed.

    + description: what it does, to be read after "would"
    + function: called with `(state, host, *arguments)`; returning False fails the operation
    + arguments: passed on
    + changes: the difference that it makes, a line for each field
    + quiet: whether what it says was said already, so that it stands in no plan
    """

    unknown_until_run = False

    def __init__(
        self,
        description: str,
        function: Callable[..., bool],
        *arguments: Any,
        changes: Sequence[str] = (),
        quiet: bool = False,
    ) -> None:
        super().__init__(function, arguments, {})
        self.description = description
        self.changes = list(changes)
        self.quiet = quiet

    @override
    def __str__(self) -> str:
        return self.description

    @override
    def __repr__(self) -> str:
        return f"Action({self.description})"
