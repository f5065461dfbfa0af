"""Maintenance windows of this site. Operation, on `@local`: `explanation`; nothing is changed.

configured    the settings as rules, with calendars and freeze periods as they are now
guard         what asks before each change (`ops.api.guards`)
explanation   `deploys/windows.py`: open or closed, why, and when next
"""

from ops.site.windows.explanation import lines
from ops.site.windows.operations import explanation

__all__ = ["explanation", "lines"]
