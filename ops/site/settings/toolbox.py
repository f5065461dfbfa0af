"""Settings of the group `toolbox`."""

from typing import Annotated, ClassVar, Literal

from ops.api.settings.group import About, Group
from ops.api.settings.kinds import Approval, Path, Seconds


class Toolbox(Group, frozen=True, kw_only=True):
    """GitLab's toolbox, in which the database behind the tags is repaired."""

    group: ClassVar[str] = "toolbox"

    tag_repair: Annotated[
        Literal["requeue", "force-copy", "none"],
        About("how the database is repaired (docs/fix_tags.md)", "fix_tags", "overview"),
    ]
    migration_timeout: Annotated[
        Seconds, About("to wait for the migration, which is never stopped", "fix_tags")
    ]
    migration_database: Annotated[
        Literal["", "main", "ci"],
        About("ci where GitLab's databases are decomposed", "fix_tags", "overview"),
    ]
    migration_any_version: Annotated[
        Approval,
        About("approval to a GitLab version for which the repair is not meant", "fix_tags"),
    ]
    rerun_migration: Annotated[
        Approval, About("run the migration although it is recorded as finished", "fix_tags")
    ]
    gitlab_rails_directory: Annotated[Path, About("where the toolbox has GitLab", "fix_tags")]
