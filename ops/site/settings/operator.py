"""Settings of the group `operator`."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from ops.api.settings.group import About, Group
from ops.api.settings.kinds import Kind, Path
from ops.site.settings.known import KnownExceptions

_VARIABLE = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Remotes = Annotated[
    list[Annotated[str, Meta(pattern=r"^(?![-.])[^\s~^:?*\[\\]+$")]],
    Meta(min_length=1),
    Kind("a list of names of git's remotes that is not empty"),
]
Variables = Annotated[dict[str, _VARIABLE], Kind("the name of a variable for each remote")]
GIT = ("overview", "sync_master")


class Operator(Group, frozen=True, kw_only=True):
    """The operator's machine, `@local`: clones, files that a run leaves, and what is known."""

    group: ClassVar[str] = "operator"

    operator_clone: Annotated[Path, About("clone of the project", *GIT)]
    git_remotes: Annotated[
        Remotes, About("remotes of that clone; the first is the one that leads", *GIT)
    ]
    git_token_variables: Annotated[
        Variables,
        About("variable with the token of a remote; without one git's own configuration", *GIT),
    ]
    snapshot_directory: Annotated[
        Path, About("where settings of runners are saved", "fix_tags", "restore_runners")
    ]
    snapshot: Annotated[
        Path | None, About("snapshot to restore; without it the newest one", "restore_runners")
    ] = None
    known_exceptions: Annotated[
        KnownExceptions,
        About("what needs no attention until a date, because somebody wants it so", "overview"),
    ] = msgspec.field(default_factory=list)
