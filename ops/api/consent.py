"""Consents: settings that say yes beyond doubt: true or false, or ids one by one."""

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


def listed(host: Host, name: str) -> set[int]:
    """Return the ids in a setting of a host, such as `6931,6935`: a consent to each of them.

    + host: the host whose data has it
    + name: of the setting

    Raises OperationValueError where it is no such list.
    """
    value = host.data.get(name)
    try:
        return {int(part) for part in str(value or "").replace(" ", "").split(",") if part}
    except ValueError:
        raise OperationValueError(f"{name} is a list of ids, not {value!r}") from None
