"""pyinfra-debug.log, the traceback of an unexpected error: private, and without secrets."""

import os
from pathlib import Path
from typing import Any

from ops.api.hooks import replace
from ops.api.shown import shown

FILE = "pyinfra-debug.log"  # In the working directory; pyinfra 3.10 has no way to be told another.


def install() -> None:
    """Have pyinfra write the file with mode 0600, and nothing secret into it."""
    from pyinfra_cli import exceptions  # type: ignore[import-untyped]

    replace(exceptions.UnexpectedMixin, "get_traceback_lines", _each_shown)
    replace(exceptions.UnexpectedMixin, "get_exception", _shown)
    replace(exceptions.UnexpectedInternalError, "show", _private)


def _each_shown(original: Any) -> Any:
    return lambda error: [shown(line) for line in original(error)]


def _shown(original: Any) -> Any:
    return lambda error: shown(original(error))


def _private(original: Any) -> Any:
    def show(error: Any, file: Any = None) -> None:
        # One that is there keeps its mode, and may be of an earlier version.
        Path(FILE).unlink(missing_ok=True)
        before = os.umask(0o077)
        try:
            original(error, file)
        finally:
            os.umask(before)

    return show
