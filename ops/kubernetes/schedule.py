"""Schedules of CronJobs: which ones Kubernetes takes.

https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
"""

import re
from datetime import UTC, datetime
from typing import Annotated

from ops.api.settings.kinds import Kind

MACROS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
FIELDS = ("minute", "hour", "day of the month", "month", "day of the week")
# cronsim takes more than Kubernetes: the last day, the second Monday, 7 for Sunday.
_FIELD = re.compile(r"[0-9A-Za-z*?,/-]+")
_EXTENSION = re.compile(r"(?:^|[,/-])\d*L|W$|#", re.IGNORECASE)
_SUNDAY = re.compile(r"(?:^|[,-])7(?:$|[,/-])")


def check_schedule(text: str) -> None:
    """Raise ValueError with a reason where Kubernetes would refuse a schedule, or it never comes.

    + text: five fields, or a macro such as @hourly
    """
    from cronsim import CronSim, CronSimError

    if text in MACROS:
        return
    if text.startswith("@"):
        raise ValueError(f"of macros there are {', '.join(MACROS)}")
    fields = text.split()
    if len(fields) != len(FIELDS):
        raise ValueError(f"it has {len(fields)} fields, not five")
    for name, field in zip(FIELDS, fields, strict=True):
        if not _FIELD.fullmatch(field) or _EXTENSION.search(field):
            raise ValueError(f"Kubernetes does not know {field} for the {name}")
    if _SUNDAY.search(fields[-1]):
        raise ValueError("to Kubernetes Sunday is 0, and there is no day 7")
    try:
        # To Kubernetes "?" is the same as "*".
        CronSim(" ".join(fields).replace("?", "*"), datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(str(error).replace("Bad", "bad")) from None


Schedule = Annotated[
    str, Kind("a schedule that Kubernetes takes", unit="five cron fields", check=check_schedule)
]
