"""A connection to Kafka with Kafka's own client, in a broker's pod."""

import re
from collections.abc import Sequence

from pyinfra.api import QuoteString, StringCommand
from pyinfra.api.host import Host

SECONDS = 60


def answers(
    broker: Host, programs: str, address: str, properties: Sequence[str]
) -> tuple[bool, str]:
    """Return whether a listener answers, and the error of the client where it does not.

    + broker: the host that is a broker's pod
    + programs: directory of Kafka's programs there; empty: on its PATH
    + address: `HOST:PORT`
    + properties: lines of the client's configuration, which travel on stdin
    """
    program = "/".join(filter(None, (programs, "kafka-broker-api-versions.sh")))
    command = StringCommand(
        QuoteString(program), "--bootstrap-server", QuoteString(address),
        "--command-config", "/dev/stdin",
    )  # fmt: skip
    done, output = broker.run_shell_command(command, _stdin=list(properties), _timeout=SECONDS)
    if done and any("->" in line for line in output.stdout_lines):
        return True, ""
    errors = [line for line in (*output.stderr_lines, *output.stdout_lines) if "xception" in line]
    seen = (errors or output.stderr_lines or ["no answer"])[-1].strip()
    return False, re.sub(r'(?:Exception in thread "\w+" )?(?:\w+\.)+(\w+Exception)', r"\1", seen)
