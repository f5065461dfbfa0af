"""Settings of the group `operator`."""

from typing import Annotated, ClassVar

from ops.api.settings.group import About, Group
from ops.api.settings.kinds import Path, SomeTexts

GIT = ("overview", "sync_master")


class Operator(Group, frozen=True, kw_only=True):
    """The operator's machine, `@local`: clones, and files that a run leaves."""

    group: ClassVar[str] = "operator"

    operator_clone: Annotated[Path, About("clone of the project", *GIT)]
    git_remotes: Annotated[
        SomeTexts, About("remotes of that clone; the first is the one that leads", *GIT)
    ]
    snapshot_directory: Annotated[
        Path, About("where settings of runners are saved", "fix_tags", "restore_runners")
    ]
    snapshot: Annotated[
        Path | None, About("snapshot to restore; without it the newest one", "restore_runners")
    ] = None
    evidence_directory: Annotated[Path, About("where proofs are kept", "revert_super_users")]
