"""A text that is too long is cut after a word, and says so."""

import re
from pathlib import Path

import pytest

from ops.api.visible import cut

OPS = Path(__file__).parents[2] / "ops"
# The beginning of a digest, and of a tag that is shown with its own mark.
LEFT = {"ops/site/tag_repair/basis.py", "ops/gitlab/tags.py"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("one two", "one two"),
        ("one two th", "one two th"),
        ("one two three", "one two…"),
        ("one two three four", "one two…"),
        ("1234567890 b", "1234567890…"),
        ("12345678901", "1234567890…"),
        ("a 2345678901", "a 23456789…"),
    ],
)
def test_a_text_ends_after_a_word(text: str, expected: str) -> None:
    assert cut(text, 10) == expected


def test_no_text_is_cut_in_another_way() -> None:
    found = {
        str(path.relative_to(OPS.parent))
        for path in OPS.rglob("*.py")
        if re.search(r"\[:\d\d+\]", path.read_text())
    }
    assert found == LEFT
