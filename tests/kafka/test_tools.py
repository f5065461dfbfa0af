"""What a program of Kafka's said: the last line that tells something, and the exit code."""

import pytest

from ops.kafka.tools import Said

AUTHENTICATION = "org.apache.kafka.common.errors.SaslAuthenticationException: invalid credentials"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            Said(1, [], ["[2026-11-27 10:00:00,000] ERROR [x] y", "invalid", AUTHENTICATION, ""]),
            "SaslAuthenticationException: invalid credentials (exit code 1)",
        ),
        (
            Said(1, [], [f'Exception in thread "main" {AUTHENTICATION}']),
            "SaslAuthenticationException: invalid credentials (exit code 1)",
        ),
        (
            Said(1, [], ["Error while x", AUTHENTICATION, "\tat a.b(C.java:1)", "Caused by: d"]),
            "SaslAuthenticationException: invalid credentials (exit code 1)",
        ),
        (  # Kafka 3.9
            Said(
                1, [], ['Exception in thread "main" java.a.BException: c d', "\tat e.f(G.java:1)"]
            ),
            "BException: c d (exit code 1)",
        ),
        (Said(137, [], ["", " "]), "it printed nothing (exit code 137)"),
        (Said(None, ["half a line"], []), "half a line (no exit code)"),
        (Said(127, [], ["sh: 1: kafka-configs.sh: not found"]), "not found (exit code 127)"),
    ],
)
def test_the_reason(said: Said, reason: str) -> None:
    assert said.reason().endswith(reason)
