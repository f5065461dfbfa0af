"""Facts that Kafka's own programs tell in a broker's pod."""

import re
from collections.abc import Iterable, Sequence

from pyinfra.api import StringCommand
from typing_extensions import override

from ops.api.form import WrongForm
from ops.api.strict_fact import CommandFact
from ops.kafka.tools import command

_LINE = re.compile(r"(.+):(\d+):(\d*)")
# What a JVM warns of it prints on stdout, among the lines of the program that it runs: its own
# log, and `OpenJDK 64-Bit Server VM warning: …` (JEP 158).
_OF_THE_VM = re.compile(r"\[\d+[.,]\d+s\]\[\w+ *\]\[.*|\S.* VM warning: .*")


class Offsets(CommandFact):
    """Return offsets of topics, by topic and partition.

    + server: `HOST:PORT` of a listener without a login
    + topics: their names
    + time: "latest", "earliest", or milliseconds since 1970, for the first message that is not
      older; a partition without such a message is left out
    + programs: directory of Kafka's programs; empty: on the PATH

    ```python
    {("results", 0): 4711, ("results", 1): 4712}
    ```
    """

    @override
    def command(
        self, server: str, topics: Sequence[str], time: str, programs: str = ""
    ) -> StringCommand:
        names = "|".join(re.escape(name) for name in topics)
        arguments = ["--bootstrap-server", server, "--topic", names, "--time", time]
        asked = command(programs, "kafka-get-offsets.sh", arguments)
        return StringCommand(asked, "&&", "echo", ".")  # pyinfra takes no line for no answer.

    @override
    def parse(self, output: Iterable[str]) -> dict[tuple[str, int], int]:
        """Read the lines `TOPIC:PARTITION:OFFSET`."""
        found, lines = {}, list(output)
        if not lines or lines.pop() != ".":
            raise WrongForm("it was cut off")
        for line in lines:
            if _OF_THE_VM.fullmatch(line):
                continue
            match = _LINE.fullmatch(line.strip())
            if match is None:
                raise WrongForm("a line is no TOPIC:PARTITION:OFFSET")
            if match[3]:
                found[match[1], int(match[2])] = int(match[3])
        return found
