import pytest

from ops.site.log_evidence import Evidence, NoEvidence, Refuted, prove

WANTED = r"ready \(\S*:9094, user=x\)"
READY = "ready (broker:9094, user=x)"
FORBIDDEN = [":9092", "SASL FAIL"]


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (READY, 1),
        (f"one\ntwo\n  {READY}  \n{READY}\n", 3),
        (f"\x1b[32;1m{READY}\x1b[0;m\n", 1),
        (f"section_start:1700000000:step_script\r\x1b[0K{READY}\r\n", 1),
        ("section_end:1700000000:a[collapsed=true]\r\x1b[0Kready (broker:\x1b[1m9094, user=x)", 1),
    ],
)
def test_the_first_line_that_matches_is_given_without_marks(log: str, line: int) -> None:
    assert prove(log, WANTED, FORBIDDEN) == Evidence(line, READY)


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (f"{READY}\nconnecting to broker:9092", "line 2 has ':9092': connecting to broker:9092"),
        (f"SASL FAIL\n{READY}", "line 1 has 'SASL FAIL'"),
        (f"{READY}\nSASL \x1b[31;1mFAIL\x1b[0;m", "line 2 has 'SASL FAIL': SASL FAIL"),
    ],
)
def test_a_forbidden_text_anywhere_refutes(log: str, message: str) -> None:
    with pytest.raises(Refuted) as caught:
        prove(log, WANTED, FORBIDDEN)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("log", ["", "\n", "ready (broker:9093, user=x)", "ready (b:9094, user=y)"])
def test_a_log_that_says_nothing_neither_proves_nor_refutes(log: str) -> None:
    with pytest.raises(NoEvidence, match="no line matches") as caught:
        prove(log, WANTED, FORBIDDEN)
    assert not isinstance(caught.value, Refuted)


def test_a_long_line_is_quoted_in_part() -> None:
    with pytest.raises(Refuted) as caught:
        prove(f"SASL FAIL {'x' * 5000}", WANTED, FORBIDDEN)
    assert len(str(caught.value)) < 200
