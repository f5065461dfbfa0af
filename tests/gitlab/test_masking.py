"""GitLab's rules for masked values."""

import pytest

from ops.gitlab.masking import needs_raw, why_not_maskable


@pytest.mark.parametrize("value", ["12345678", "aA0_+=/@:.~-", "x" * 9000])
def test_what_gitlab_masks_is_maskable(value: str) -> None:
    assert why_not_maskable(value, raw=False) == ""
    assert why_not_maskable(value, raw=True) == ""
    assert not needs_raw(value)


@pytest.mark.parametrize(
    "value", ["p$ssword", "pass!word", "pässwörter", 'quote"quote', "a\\bcdefg"]
)
def test_other_characters_are_masked_in_raw_variables_only(value: str) -> None:
    assert "only in raw variables" in why_not_maskable(value, raw=False)
    assert why_not_maskable(value, raw=True) == ""
    assert needs_raw(value)


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "shorter than 8"),
        ("1234567", "shorter than 8"),
        ("12345678\n", "more than one line"),
        ("1234\r5678", "more than one line"),
    ],
)
def test_short_values_and_lines_are_never_masked(value: str, words: str, raw: bool) -> None:
    assert words in why_not_maskable(value, raw)
    assert not needs_raw(value)


@pytest.mark.parametrize("value", ["1234 5678", " 12345678", "12345678\t", "1234\u20285678"])
def test_white_space_is_never_masked(value: str) -> None:
    assert "white space" in why_not_maskable(value, raw=False)
    assert "white space" in why_not_maskable(value, raw=True)
    assert not needs_raw(value)


def test_no_reason_repeats_the_value() -> None:
    for value in ("canary", "canary 4711", "canary\n4711", "canary$4711"):
        for raw in (False, True):
            assert "canary" not in why_not_maskable(value, raw)
