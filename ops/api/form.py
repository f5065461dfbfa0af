"""The form of an answer, as far as something relies on it: types for msgspec."""

from typing import Any

import msgspec


class WrongForm(ValueError):
    """An answer has another form; the message says where, and shows no value of it."""


def check(document: Any, form: Any) -> None:
    """Raise WrongForm where a document has not the form; further keys are no fault.

    + form: a type, such as `list[Job]` with `class Job(TypedDict)`
    """
    try:
        msgspec.convert(document, form)
    except msgspec.ValidationError as error:
        raise WrongForm(str(error).replace("`", "")) from None
    except RecursionError:
        raise WrongForm("nested too deep") from None
