import pytest

from group_data.kafka import evidence_failures as FAILURES
from ops.site.log_evidence import Evidence, NoEvidence, Refuted, Rules, prove

WANTED = r"ready \(\S*:9094, user=x\)"
READY = "ready (broker:9094, user=x)"
RULES = Rules(WANTED, r"(?i)producer|ready \(", [":9092", ":9093"], FAILURES)
THREAD = "rdkafka#producer-1| [thrd:sasl_plaintext://b:9094/bootstrap]: "


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
    assert prove(log, RULES) == Evidence(line, READY)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Kafka producer ready (broker:9092)", "line 2 has ':9092': Kafka producer ready"),
        ("Kafka producer ready (broker:9093)", "line 2 has ':9093'"),
        (f"%3|1795776263.604|FAIL|{THREAD}b: SASL authentication error: x", "line 2 has '|FAIL|"),
        (f"%3|1795776263.604|\x1b[31;1mFAIL\x1b[0;m|{THREAD}x", "line 2 has '|FAIL|"),
        (f"%3|1.6|ERROR|{THREAD}1/1 brokers are down", "line 2 has '|ERROR|"),
        ("1/1 brokers are down", "line 2 has 'brokers are down'"),
        ("Kafka produce error: Local: Message timed out", "line 2 has 'Kafka produce error'"),
        (
            "org.apache.kafka.common.errors.SaslAuthenticationException: no",
            "line 2 has 'SaslAuthenticationException'",
        ),
    ],
)
def test_a_failure_of_a_client_refutes_what_stands_before(line: str, message: str) -> None:
    """The line "ready" comes before the login."""
    with pytest.raises(Refuted) as caught:
        prove(f"{READY}\n{line}", RULES)
    assert str(caught.value).startswith(message)


def test_another_line_may_wait_for_the_plain_port() -> None:
    log = f"Waiting for broker:9092\nbroker:9092 ready after 2s\n{READY}\n3 delivered"
    assert prove(log, RULES) == Evidence(3, READY)


@pytest.mark.parametrize(
    "line", ["backup|FAIL|disk", "%7|1.6|ERROR|x: no such key", "listening at :9092"]
)
def test_what_is_not_about_the_client_refutes_nothing(line: str) -> None:
    assert prove(f"{READY}\n{line}", RULES).text == READY


@pytest.mark.parametrize("log", ["", "\n", "ready (broker:9095, user=x)", "ready (b:9094, user=y)"])
def test_a_log_that_says_nothing_neither_proves_nor_refutes(log: str) -> None:
    with pytest.raises(NoEvidence, match="no line matches") as caught:
        prove(log, RULES)
    assert not isinstance(caught.value, Refuted)


def test_a_long_line_is_quoted_in_part() -> None:
    with pytest.raises(Refuted) as caught:
        prove(f"brokers are down {'x' * 5000}", RULES)
    assert len(str(caught.value)) < 200
