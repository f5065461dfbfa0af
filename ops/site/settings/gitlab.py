"""Settings of the group `gitlab`: the installation."""

from typing import Annotated, ClassVar

from ops.api.settings.group import About, Group
from ops.api.settings.kinds import Seconds


class GitLab(Group, frozen=True, kw_only=True):
    """GitLab's installation, `@gitlab`."""

    group: ClassVar[str] = "gitlab"

    tag_verification_seconds: Annotated[
        Seconds, About("for how long all tags must last while the enforcer is off", "fix_tags")
    ]
    tag_verification_interval: Annotated[
        Seconds, About("between two reads of that proof", "fix_tags")
    ]
