"""Three functions of pyinfra 3.10 that say the same each time, and take long to say it.

Each operation asks for the stack, with the source text around every frame, of which the numbers of
the lines are used; each operation and each fact asks for the type hints of all global arguments;
each host of an API asks for the metadata of all installed packages. docs/upstream.md has this as it
was written for pyinfra's developers.
"""

import functools
import importlib
import sys
from collections.abc import Iterator
from types import FrameType

import pyinfra
from pyinfra.api import arguments, connectors, facts
from pyinfra.api.state import State
from pyinfra.api.util import PYINFRA_INSTALL_DIR

from ops.api.hooks import replace

# The version with which these were compared (tests/api/test_speedups.py); others are left alone.
KNOWN = "3.10"


def install() -> None:
    """Have pyinfra use the faster functions, where it is the version that they are known for."""
    if not is_known(pyinfra.__version__):
        return
    # The attribute of the package with the module's name is the decorator.
    operations = importlib.import_module("pyinfra.api.operation")
    replace(operations, "get_operation_order_from_stack", lambda original: operation_order)
    hints = functools.cache(arguments.all_global_arguments)
    for module in (arguments, facts):
        replace(module, "all_global_arguments", lambda original: hints)
    replace(connectors, "entry_points", functools.cache)


def is_known(version: str) -> bool:
    """Return whether a version of pyinfra is the one that these functions are known for."""
    return f"{version}.".startswith(f"{KNOWN}.")


def operation_order(state: State) -> list[int]:
    """Return where an operation stands: the numbers of the lines from the deploy to its call.

    + state: knows the file of the deploy, and its place among the files of the command line

    The same as get_operation_order_from_stack in pyinfra/api/util.py of pyinfra 3.10.
    """
    frames = list(_frames(sys._getframe(1)))[::-1]
    deploy = state.current_deploy_filename
    if deploy:
        names = [frame.f_code.co_filename for frame in frames]
        frames = frames[names.index(deploy) :] if deploy in names else []
    numbers = [state.current_op_file_number] if pyinfra.is_cli else []
    return numbers + [frame.f_lineno for frame in frames if not _is_pyinfras(frame)]


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_pyinfras(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(PYINFRA_INSTALL_DIR)
