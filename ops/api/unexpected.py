"""The last translation: whatever nobody expected is one line, and its text holds no foreign value.

The text of an exception repeats what it is about: `int("…")`, a header with a token, the bytes of a
file. So only its kind, its place in this program and the key that this program asked for are shown.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.output import echo

from ops.api.console import is_verbose
from ops.api.form import WrongForm

ROOT = Path(__file__).parent.parent.parent
OURS = tuple(f"{ROOT / folder}/" for folder in ("ops", "deploys"))


class Unexpected(OSError):
    """What a client library, or this program itself, raised without a word for the operator."""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise OSError in words for what is neither an OSError nor one of pyinfra's errors.

    + what: was tried
    """
    try:
        yield
    except (OSError, PyinfraError):
        raise
    except Exception as error:
        raise Unexpected(f"{what} -> {explain(error)}") from error


def explain(error: BaseException) -> str:
    """Return in words what was raised and where; with -v also print the way to that place."""
    if isinstance(error, ImportError):
        return f"the Python package {error.name} is missing: install it"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, OSError | PyinfraError):
        return str(error)
    if isinstance(error, WrongForm):
        return f"an answer of unknown form ({error})"
    if is_verbose():
        echo("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__, err=True)
    return (
        f"an answer of unknown form, or a fault of this program ({brief(error)}):"
        " -v shows the way there"
    )


def brief(error: BaseException) -> str:
    """Return the kind of an exception, or the key that this program missed, and where that was."""
    return f"{_name(error)}{_place(error)}"


def _name(error: BaseException) -> str:
    key = error.args[0] if isinstance(error, KeyError) and error.args else None
    frames = list(traceback.walk_tb(error.__traceback__))
    # A key that stands in the source is no value of a document.
    if isinstance(key, str) and frames and key in _constants(frames[-1][0].f_code.co_consts):
        return f"no {key!r}"
    return type(error).__name__


def _constants(values: tuple[object, ...]) -> Iterator[object]:
    for value in values:
        yield from _constants(value) if isinstance(value, tuple) else (value,)


def _place(error: BaseException) -> str:
    """Return the innermost line of this program that an exception went through."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if file.startswith(OURS):
            return f" in {Path(file).relative_to(ROOT)} line {line}"
    return ""
