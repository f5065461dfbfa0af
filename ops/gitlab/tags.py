"""Tags of runners: which ones GitLab takes (https://docs.gitlab.com/ci/runners/configure_runners/)."""

from collections.abc import Collection
from typing import Annotated

from ops.api.settings.kinds import Kind

TAG_LENGTH, TAG_COUNT = 255, 50


def check_tags(tags: Collection[str]) -> None:
    """Raise ValueError with a reason where GitLab would refuse tags, or store other ones.

    + tags: of one runner
    """
    for tag in tags:
        if not tag.strip():
            raise ValueError(f"{tag!r} is no tag: it is empty")
        if tag != tag.strip():
            raise ValueError(f"{tag!r} is no tag: GitLab takes away the spaces around it")
        if "," in tag:
            raise ValueError(f"{tag!r} is no tag: it has a comma, where GitLab ends one")
        if len(tag) > TAG_LENGTH:
            text = f"it has {len(tag)} characters, GitLab allows {TAG_LENGTH}"
            raise ValueError(f"{tag[:20]!r}… is no tag: {text}")
    if len(tags) > TAG_COUNT:
        raise ValueError(f"{len(tags)} tags, GitLab allows {TAG_COUNT}")


Tags = Annotated[list[str], Kind("a list of tags", check=check_tags)]
