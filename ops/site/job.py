"""Running one deploy of this repository as a part of another one."""

from typing import Any

from pyinfra import host


def job(name: str, **data: Any) -> None:
    """Run a deploy file; its operations are named `NAME | OPERATION`.

    + name: of the file in deploys/, without its ending
    + data: data for this deploy, where the host has none of that name

    pyinfra's `local.include` does the same, and puts the whole path before each name. Calls must
    stand on lines of their own: the order of operations across hosts is that of the lines.
    """
    from pyinfra_cli.util import exec_file  # type: ignore[import-untyped]

    with host.deploy(name, None, data, in_deploy=False):
        exec_file(f"deploys/{name}.py")
