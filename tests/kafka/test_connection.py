"""A password in the configuration of Kafka's own client, and why a connection failed."""

import pytest

from ops.kafka.connection import properties, reason
from ops.kafka.tools import Said


@pytest.mark.parametrize(
    ("password", "written"),
    [
        ("plain-4711", "plain-4711"),
        ('a"b', 'a\\\\"b'),  # JAAS: \", and the file doubles the backslash
        ("a\\b", "a" + "\\" * 4 + "b"),
        ("grün", "gr\\u00fcn"),
        ("😀", "\\ud83d\\ude00"),
    ],
)
def test_a_password_is_escaped_twice(password: str, written: str) -> None:
    jaas = properties("dedup-lab", password)[-1]
    assert jaas.endswith(f'username="dedup-lab" password="{written}";')
    assert jaas.isascii()


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (
            Said(1, [], ['Exception in thread "main" java.lang.OutOfMemoryError: Java heap', ""]),
            "OutOfMemoryError: Java heap (exit code 1): another protocol at that port, such as TLS",
        ),
        (
            Said(1, [], ["# There is insufficient memory for the Java Runtime", ""]),
            "(exit code 1): too little memory in the broker's pod",
        ),
        (  # Kafka 3.9 on a port with TLS
            Said(
                1,
                [],
                [
                    "[2026-11-28 02:04:34,707] ERROR admin-client-network-thread exited (kafka.a)",
                    "java.lang.OutOfMemoryError: Java heap space",
                    "\tat java.base/java.nio.HeapByteBuffer.<init>(HeapByteBuffer.java:64)",
                    'Exception in thread "main" java.lang.RuntimeException: Request METADATA failed'
                    " on brokers List(127.0.0.1:9093 (id: -1 rack: null))",
                    "\tat kafka.admin.BrokerApiVersionsCommand.main(Command.scala)",
                ],
            ),
            "(id: -1 rack: null)) (exit code 1): another protocol at that port, such as TLS",
        ),
        (Said(137, [], [""]), "it printed nothing (exit code 137): killed: too little memory"),
        (Said(127, [], ["sh: not found"]), "(exit code 127): the program is not there"),
        (Said(1, [], ["something else"]), "something else (exit code 1)"),
    ],
)
def test_the_likely_cause_is_named(said: Said, text: str) -> None:
    assert text in reason(said)
