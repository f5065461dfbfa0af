"""What stands between a text and whoever reads it."""

import pytest

from ops.api.shown import never_show, shown, without_credentials


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://operator:s3cret@host/x", "https://***@host/x"),
        ("https://glpat-token@host:8443", "https://***@host:8443"),
        ("fatal: unable to access 'https://a:b@c/d.git/': no", None),
        (
            "HTTP://a:p@ss@host and socks5h://u:v@proxy:1",
            "HTTP://***@host and socks5h://***@proxy:1",
        ),
        ("postgresql://u:v@db/x", "postgresql://***@db/x"),
        ("ssh://git@host/x.git", "ssh://git@host/x.git"),
        ("ssh://git:pass@host/x.git", "ssh://***@host/x.git"),
        ("https://host/a@b", "https://host/a@b"),
        ("https://host?mail=a@b", "https://host?mail=a@b"),
        ("mail a@b, see https://host", "mail a@b, see https://host"),
    ],
)
def test_credentials_of_urls(text: str, expected: str | None) -> None:
    wanted = expected or "fatal: unable to access 'https://***@c/d.git/': no"
    assert without_credentials(text) == wanted
    assert shown(text) == wanted


def test_a_secret_is_found_in_the_words_of_others() -> None:
    never_show("first-line-4711\nsecond-line-4711")
    assert shown("Invalid header b'Bearer first-line-4711\\nsecond-line-4711'") == (
        "Invalid header b'Bearer ***\\n***'"
    )
    never_show("short")
    assert shown("in short: \x1b[1mbold\x1b[0m \x1b[2J") == "in short: \x1b[1mbold\x1b[0m \\x1b[2J"
