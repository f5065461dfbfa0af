"""Undo: what a run has changed is taken back, as its record has it (docs/undo.md).

`reversal` acts on the host that was changed. `choice` reads the record, `net` says what its changes
come to, `live` whether that is still there.
"""

from ops.site.undo.choice import run
from ops.site.undo.operations import reversal
from ops.site.undo.rest import acts, report_rest

__all__ = ["acts", "report_rest", "reversal", "run"]
