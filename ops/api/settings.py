"""Settings of a host, looked at before anything is changed: approves, lists of ids, numbers.

They may come from the command line (`--data tag_verification_seconds=60`) or from the environment.
"""

import math

from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host


def approval(host: Host, name: str) -> bool:
    """Return a setting of a host that is true or false.

    + host: the host whose data has it
    + name: of the setting

    Raises OperationValueError where it is another value: the text "no" counts as true in Python.
    """
    value = host.data.get(name)
    if not isinstance(value, bool):
        raise OperationValueError(f"{name} is true or false, not {value!r}")
    return value


def listed(host: Host, name: str) -> set[int]:
    """Return the ids in a setting of a host, such as `6931,6935`: an approval to each of them.

    + host: the host whose data has it
    + name: of the setting

    Raises OperationValueError where it is no such list.
    """
    value = host.data.get(name)
    try:
        return {int(part) for part in str(value or "").replace(" ", "").split(",") if part}
    except ValueError:
        raise OperationValueError(f"{name} is a list of ids, not {value!r}") from None


def number(host: Host, name: str) -> float:
    """Return a setting of a host that is a number greater than 0, such as a count of seconds.

    + host: the host whose data has it
    + name: of the setting

    Raises OperationValueError where it is none.
    """
    value = host.data.get(name)
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not 0 < found < math.inf:
        raise OperationValueError(f"{name} is a number greater than 0, not {value!r}")
    return int(found) if found.is_integer() else found
