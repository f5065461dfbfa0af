"""Kafka's own programs in a broker's pod: how they are called, and what they said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pyinfra.api import QuoteString, StringCommand
from pyinfra.api.host import Host

SECONDS = 90
# The container's own heap options are the broker's: gigabytes, beside a broker that has them.
HEAP = "KAFKA_HEAP_OPTS=-Xmx256M"
_EXIT = re.compile(r"exit code (\d+)")
_NOISE = re.compile(
    r'\s+at |\[\d{4}-\d\d-\d\d |Caused by|\s*\.\.\. \d+ more|Exception in thread "(?!main")'
)
_CLASS = re.compile(
    r'(?:Exception in thread "[^"]+" )?(?:[a-z]\w*\.)+([A-Z]\w*(?:Exception|Error))'
)


@dataclass(frozen=True)
class Said:
    """What a program printed, and its exit code; None where it never came to its end."""

    code: int | None
    stdout: Sequence[str]
    stderr: Sequence[str]

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join((*self.stdout, *self.stderr))

    def reason(self) -> str:
        """Return the last line that says something, with the exit code."""
        lines = [line for line in (*self.stdout, *self.stderr) if line.strip()]
        telling = [line for line in lines if not _NOISE.match(line)]
        named = [line for line in telling if "xception" in line or "rror" in line]
        last = (named or telling or lines or ["it printed nothing"])[-1].strip()
        last = _CLASS.sub(r"\1", last).removeprefix("ExecutionException: ")
        code = "no exit code" if self.code is None else f"exit code {self.code}"
        return f"{last} ({code})"


def command(directory: str, program: str, arguments: Sequence[str]) -> StringCommand:
    """Return the command that runs a program of Kafka's.

    + directory: where it is; empty: on the PATH
    """
    path = "/".join(filter(None, (directory, program)))
    return StringCommand("env", HEAP, QuoteString(path), *map(QuoteString, arguments))


def run(
    broker: Host, directory: str, program: str, arguments: Sequence[str], stdin: Sequence[str] = ()
) -> Said:
    """Run a program of Kafka's in a broker's pod.

    + directory: where it is; empty: on the PATH
    + stdin: lines that it gets
    """
    line = StringCommand(command(directory, program, arguments), ";", "echo", '"exit code $?"')
    given = {"_stdin": list(stdin)} if stdin else {}
    _, output = broker.run_shell_command(line, _timeout=SECONDS, **given)
    lines = list(output.stdout_lines)
    end = _EXIT.fullmatch(lines[-1]) if lines else None
    code = int(end[1]) if end else None
    return Said(code, lines[:-1] if end else lines, list(output.stderr_lines))
