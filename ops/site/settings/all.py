"""Settings of every host: group_data/all.py."""

from typing import Annotated, ClassVar

from msgspec import field

from ops.api.settings.group import About, Group
from ops.api.settings.kinds import Approval, Count, Path, PathOrEmpty, Seconds, TextOrEmpty
from ops.site import lock_settings
from ops.site.lock_settings import LockName, LockSeconds, Wait
from ops.site.run_record import DIRECTORY, KEEP_COUNT, KEEP_DAYS, Days
from ops.site.settings.windows import (
    Calendars,
    Dates,
    DurationOrEmpty,
    InstantOrEmpty,
    Reason,
    RunTimes,
    Windows,
    Zone,
)

SSH = ("fix_tags", "experiment_rbac", "follow_experiment", "kafka_config", "overview",
       "revert_super_users", "verify_kafka_sasl")  # fmt: skip

EVERY_JOB = ("ci_variables", "experiment_rbac", "fix_tags", "follow_experiment", "kafka_config",
             "overview", "pipelines", "restore_runners", "revert_super_users",
             "sync_master", "unblock_pipeline", "undo", "verify_kafka_sasl",
             "widen_changes_filter")  # fmt: skip

CHANGING = tuple(job for job in EVERY_JOB if job not in lock_settings.LOOKING)


class All(Group, frozen=True, kw_only=True):
    """How the site is reached, and how often it is looked at."""

    group: ClassVar[str] = "all"

    kubernetes_via: Annotated[
        TextOrEmpty,
        About("SSH host through which the Kubernetes API is reached; empty: directly", *SSH),
    ] = ""
    ssh_config_file: Annotated[Path, About("configuration of SSH", *SSH)] = "~/.ssh/config"
    watch_interval: Annotated[
        Seconds,
        About(
            "between two looks of a job that watches",
            *("follow_experiment", "revert_super_users", "unblock_pipeline"),
        ),
    ]
    detailed_exit_code: Annotated[
        Approval, About("whether a preview with changes ends with exit code 2", *EVERY_JOB)
    ] = False
    plan: Annotated[
        PathOrEmpty,
        About(
            "file of a saved plan: a preview writes it, a run does exactly what it says or nothing;"
            " empty: none",
            *EVERY_JOB,
        ),
    ] = ""
    record: Annotated[
        TextOrEmpty,
        About("which run to undo: its number, a part of its name, or the path of its file", "undo"),
    ] = ""
    record_directory: Annotated[
        PathOrEmpty, About("where records of runs are kept; empty: there are none", *EVERY_JOB)
    ] = DIRECTORY
    record_keep_count: Annotated[Count, About("how many records are kept", *EVERY_JOB)] = KEEP_COUNT
    record_keep_days: Annotated[Days, About("how long a record is kept", *EVERY_JOB)] = KEEP_DAYS
    windows: Annotated[
        Windows, About("when something may be changed, or not (docs/windows.md)", *EVERY_JOB)
    ] = field(default_factory=list)
    window_exceptions: Annotated[Dates, About("times that allow or deny once", *EVERY_JOB)] = field(
        default_factory=list
    )
    window_calendars: Annotated[
        Calendars, About("iCalendar files whose events deny, by name", *EVERY_JOB)
    ] = field(default_factory=dict)
    site_zone: Annotated[
        Zone, About("zone of the site, for messages and for days of a calendar", *EVERY_JOB)
    ] = "UTC"
    put_back_time: Annotated[
        DurationOrEmpty,
        InstantOrEmpty,
        About("kept for putting back at the end of a window; empty: none", *EVERY_JOB),
    ] = ""
    run_times: Annotated[
        RunTimes,
        About(
            "how long jobs take, so that they are over at the end of a window; empty: never mind;"
            " without one as the records say",
            *EVERY_JOB,
        ),
    ] = field(default_factory=dict)
    outside_window: Annotated[
        Reason, About("why this one run may be outside of the windows", *EVERY_JOB)
    ] = ""
    lock_name: Annotated[
        LockName, About("name of the lock of this site; empty: there is none", *CHANGING)
    ] = lock_settings.NAME
    lock_namespace: Annotated[
        LockName, About("namespace of its Lease in the cluster; empty: no Lease", *CHANGING)
    ] = lock_settings.NAMESPACE
    lock_directory: Annotated[
        PathOrEmpty, About("where its file on this machine is; empty: no file", *CHANGING)
    ] = lock_settings.DIRECTORY
    lock_seconds: Annotated[
        LockSeconds,
        About("without a sign of life after which another run may take the Lease", *CHANGING),
    ] = lock_settings.SECONDS
    wait: Annotated[
        Wait, About("to wait for another run that is at work; 0: end with exit code 3", *CHANGING)
    ] = lock_settings.WAIT
    at: Annotated[
        InstantOrEmpty, About("for which time windows are explained; empty: now", "windows")
    ] = ""
