"""Settings of the group `enforcer`."""

from typing import Annotated, ClassVar

from msgspec import Meta

from ops.api.settings.group import About, Group
from ops.api.settings.kinds import Approval, Kind, PathOrEmpty, Variable
from ops.kubernetes.schedule import Schedule

Prefix = Annotated[
    str, Meta(pattern=r"^[a-z0-9.-]+/[A-Za-z0-9._-]*$"), Kind("DOMAIN/ and the start of a name")
]


class Enforcer(Group, frozen=True, kw_only=True):
    """The CronJob that enforces the tags."""

    group: ClassVar[str] = "enforcer"

    enforcer_schedule: Annotated[
        Schedule, About("when it runs once tags are proven to last", "fix_tags", "overview")
    ]
    enforcer_suspend: Annotated[
        Approval, About("whether it is suspended then", "fix_tags", "overview")
    ]
    enforcer_fallback_schedule: Annotated[
        Schedule, About("when it runs while tags are not proven to last", "fix_tags")
    ]
    enforcer_url_variable: Annotated[
        Variable, About("in which it hands GitLab's URL to its script", "fix_tags")
    ]
    enforcer_token_variable: Annotated[
        Variable, About("in which it hands GitLab's token to its script", "fix_tags")
    ]
    enforcer_ca_file: Annotated[
        PathOrEmpty,
        About("PEM file of the CA behind GitLab's certificate; empty: a public CA", "fix_tags"),
    ]
    migration_annotation_prefix: Annotated[
        Prefix,
        About(
            "annotation of the CronJob that records a migration; its repair follows",
            *("fix_tags", "overview"),
        ),
    ]
