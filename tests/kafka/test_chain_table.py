"""The table of the chain: what cannot be read is said in whole words."""

from ops.kafka.sasl_chain import _link, table


def test_a_long_reason_is_cut_after_a_word_and_says_so() -> None:
    def see() -> tuple[bool, str]:
        raise OSError("unreadable " * 40)

    link = _link("CI/CD variable", see)
    assert not link.ok
    assert link.seen.endswith("unreadable…")
    assert len(link.seen) <= 301
    assert {*link.seen.removesuffix("…").split()} == {"not", "readable:", "unreadable"}
    assert "…" in table([link])[-1]


def test_a_reason_that_fits_is_whole() -> None:
    def see() -> tuple[bool, str]:
        raise OSError("x " * 100 + "end")

    assert _link("CI/CD variable", see).seen.endswith("x end")
