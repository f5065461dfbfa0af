"""Which tags GitLab takes."""

import pytest

from ops.gitlab.tags import check_tags


def test_it_takes() -> None:
    check_tags([])
    check_tags(["kubernetes", "two words", "x" * 255, *map(str, range(47))])


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        (["a", ""], "'' is no tag: it is empty"),
        ([" "], "' ' is no tag: it is empty"),
        ([" debian"], "' debian' is no tag: GitLab takes away the spaces around it"),
        (["debian\n"], "is no tag: GitLab takes away the spaces around it"),
        (["a,b"], "'a,b' is no tag: it has a comma"),
        (["x" * 256], "is no tag: it has 256 characters, GitLab allows 255"),
        ([str(number) for number in range(51)], "51 tags, GitLab allows 50"),
    ],
)
def test_it_refuses(tags: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_tags(tags)
