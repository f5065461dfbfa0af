"""Which client library gets into which brokers; the unknown is no yes."""

import pytest

from ops.kafka.libraries import named_in, verdict


@pytest.mark.parametrize(
    ("library", "brokers", "ok"),
    [
        ("librdkafka 2.0.2", "4.4.0", False),
        ("librdkafka 2.4.0", "4.4.0", False),
        ("librdkafka 2.5.3", "4.1.1", False),
        ("librdkafka 2.6.1", "4.4.0", True),
        ("librdkafka 2.10.0", "4.4.0", True),
        ("librdkafka 2.0.2", "3.9.1", True),
        ("kafka-clients 3.9.1", "4.4.0", True),
        ("librdkafka", "4.4.0", False),
        ("", "4.4.0", False),
        ("librdkafka 2.6.1", "", False),
    ],
)
def test_pairs(library: str, brokers: str, ok: bool) -> None:
    assert verdict(library, brokers)[0] is ok


@pytest.mark.parametrize(
    ("log", "library"),
    [
        ("Setting up librdkafka1:amd64 (2.0.2-1) ...\n", "librdkafka 2.0.2"),
        ("one\nlibrdkafka 2.6.1 (0x020601ff)\n", "librdkafka 2.6.1"),
        ("librdkafka v2.8.0", "librdkafka 2.8.0"),
        ("%3|1795776263.604|FAIL|rdkafka#producer-1| 9094", ""),
    ],
)
def test_a_log_names_the_library(log: str, library: str) -> None:
    assert named_in(log) == library
