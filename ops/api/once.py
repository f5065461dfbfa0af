"""Values that are read once for a run, although every host runs the deploy."""

import threading
from collections.abc import Callable
from typing import TypeVar

from pyinfra import context

T = TypeVar("T")

_values: dict[tuple[int, str], object] = {}
_lock = threading.RLock()


def once(name: str, function: Callable[[], T]) -> T:
    """Return what a function returns when it is called for the first time in a run.

    + name: what the value is
    + function: reads it; what it raises, each host meets for itself
    """
    key = (id(context.inventory), name)
    with _lock:
        if key not in _values:
            _values[key] = function()
        return _values[key]  # type: ignore[return-value]
