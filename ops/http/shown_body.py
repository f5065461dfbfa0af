"""How the body of a request is shown: secrets as fingerprints, long texts cut."""

import json
from collections.abc import Mapping
from typing import Any

from pyinfra.api.hiddenvalue import HiddenValue

from ops.api.secret import reveal

LONGEST_TEXT = 60  # of a text in a body that is shown; the difference has all of it


def shown_body(body: Any) -> HiddenValue | str:
    """Return the text of a body for a preview, with its real text behind it where that differs."""
    shown = json.dumps(_shortened(body), default=str, ensure_ascii=False)
    real = json.dumps(reveal(body), ensure_ascii=False)
    return shown if shown == real else HiddenValue(real, masked_value=shown)


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}… ({len(value)} characters)"
    if isinstance(value, Mapping):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(item) for item in value]
    return value
