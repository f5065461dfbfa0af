"""Consents: settings that must be true or false, and nothing that merely looks like it."""

from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host


def consent(host: Host, name: str) -> bool:
    """Return a setting of a host that is true or false.

    + host: the host whose data has it
    + name: of the setting; it may come from the command line (`--data allow_tag_removal=true`)

    Raises OperationValueError where it is another value: the text "no" counts as true in Python.
    """
    value = host.data.get(name)
    if not isinstance(value, bool):
        raise OperationValueError(f"{name} is true or false, not {value!r}")
    return value
