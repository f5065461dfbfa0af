"""Secrets of the environment: this process has them, and a program that it starts does not.

ssh's ProxyCommand, a helper of a password store, an exec plugin of a kubeconfig and git inherit the
environment. So the secrets that this site reads out of it are taken out of it, in one place, and a
shell command on `@local` gets back those that it names.
"""

import os
import re
from collections.abc import Iterable
from typing import Any

from ops.api.hooks import replace
from ops.api.shown import never_show

_taken: dict[str, str] = {}


def take(names: Iterable[str]) -> None:
    """Take variables out of the environment; `variable` still gives their values.

    + names: of the variables whose values are secret
    """
    for name in names:
        value = os.environ.pop(name, "")
        if value:
            _taken[name] = value
            never_show(value)


def variable(name: str) -> str:
    """Return the value of a variable, taken out of the environment or not; empty where none is."""
    return os.environ.get(name) or _taken.get(name, "")


def for_command(command: str) -> dict[str, str]:
    """Return the environment of a shell command on this machine.

    + command: it gets the secrets whose variables it names, and no other one
    """
    words = set(re.findall(r"\w+", command))
    return {**os.environ, **{name: value for name, value in _taken.items() if name in words}}


def install() -> None:
    """Have pyinfra give each command on `@local` the environment of `for_command`."""
    from pyinfra.connectors import util

    replace(util, "Popen", _with_environment)


def _with_environment(start: Any) -> Any:
    def popen(command: str, **options: Any) -> Any:
        return start(command, **{"env": for_command(command), **options})

    return popen
