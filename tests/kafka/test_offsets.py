"""The lines of kafka-get-offsets, among which a JVM may have written some of its own."""

import pytest

from ops.api.form import WrongForm
from ops.kafka.facts import Offsets


@pytest.mark.parametrize(
    "line",
    [
        "[0.468s][warning][cds,dynamic] Unable to use shared archive.",
        "[0,012s][info   ][gc] Using Serial",
        "OpenJDK 64-Bit Server VM warning: Sharing is only supported for boot loader classes",
    ],
)
def test_what_a_jvm_says_of_itself_is_no_offset(line: str) -> None:
    lines = [line, "results:0:4711", line, "results:1:", "."]
    assert Offsets().parse(lines) == {("results", 0): 4711}


@pytest.mark.parametrize("line", ["results:0", "Error occurred: warning", "[results] 0:1 VM"])
def test_another_line_is_an_unknown_form(line: str) -> None:
    with pytest.raises(WrongForm):
        Offsets().parse([line, "."])
