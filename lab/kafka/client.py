"""Kafka's programs in a broker pod: they read their options and properties, and ask the lab.

https://github.com/apache/kafka/tree/4.1/tools/src/main/java/org/apache/kafka/tools
"""

import http.client
import json
import os
import re
import sys
import time
from typing import Any
from urllib.parse import urlsplit

NO_MEMORY = (
    "OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory failed; error='Not enough space'",
    "#",
    "# There is insufficient memory for the Java Runtime Environment to continue.",
    "",
)
CONNECTION = ("--bootstrap-server", "--command-config")
# program -> its options with a value, and those without one
PROGRAMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "kafka-broker-api-versions.sh": (CONNECTION, ()),
    "kafka-configs.sh": (
        (*CONNECTION, "--entity-type", "--entity-name"),
        ("--describe", "--all"),
    ),
    "kafka-get-offsets.sh": ((*CONNECTION, "--topic", "--time"), ()),
}
WITHOUT_SERVER = {
    "kafka-configs.sh": "Either --bootstrap-server or --bootstrap-controller must be specified.",
}
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def ask(document: Any) -> dict[str, Any]:
    """Send a document to the lab and return its answer."""
    url = urlsplit(os.environ["LAB_KAFKA_URL"])
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=None)
    connection.request("POST", f"{url.path}/connect", json.dumps(document))
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def parse_properties(text: str) -> dict[str, str]:
    """Return the properties of a Java properties file."""
    properties = {}
    joined = re.sub(r"(?<!\\)((?:\\\\)*)\\\r?\n[ \t]*", r"\1", text)
    for line in joined.splitlines():
        line = line.lstrip()
        if not line or line[0] in "#!":
            continue
        match = re.match(r"((?:[^\\:=\s]|\\.)*)\s*[:=]?\s*(.*)", line)
        if match is not None:
            properties[_unescape(match[1])] = _unescape(match[2])
    return properties


def _unescape(text: str) -> str:
    plain = re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|(.))",
        lambda match: chr(int(match[1], 16)) if match[1] else ESCAPES.get(match[2], match[2]),
        text,
    )
    return plain.encode("utf-16", "surrogatepass").decode("utf-16")  # two halves are one character


def read_options(program: str, arguments: list[str]) -> dict[str, str]:
    """Return the options with their values; end where one is unknown or missing."""
    with_value, flags = PROGRAMS[program]
    given: dict[str, str] = {}
    rest = [part for argument in arguments for part in argument.split("=", 1)]
    while rest:
        name = rest.pop(0)
        if name in flags:
            given[name] = ""
            continue
        if name not in with_value:
            text = f"{name.lstrip('-')} is not a recognized option"
            misused(program, "UnrecognizedOption", text)
        if not rest:
            text = f"Option {name.lstrip('-')} requires an argument"
            misused(program, "OptionMissingRequiredArgument", text)
        given[name] = rest.pop(0)
    if program == "kafka-configs.sh" and "--describe" not in given:
        fail("Command must include exactly one action: --describe, --alter")
    if CONNECTION[0] not in given:
        fail(WITHOUT_SERVER.get(program, 'Missing required argument "[bootstrap-server]"'))
    number = given.get("--entity-name", "0")
    if not re.fullmatch(r"-?\d+", number):
        fail(f"The entity name for brokers must be a valid integer broker id, but it is: {number}")
    return given


def misused(program: str, kind: str, text: str) -> None:
    """End because of an option that is not understood, as each program does."""
    if program == "kafka-configs.sh":
        fail(text)
    if program == "kafka-get-offsets.sh":
        fail(f"Error occurred: {text}")
    fail(text, f"joptsimple.{kind}Exception: {text}")


def fail(*lines: str) -> None:
    """Print lines and end without success."""
    print(*lines, sep="\n", file=sys.stderr)
    sys.exit(1)


def main(arguments: list[str]) -> None:
    """Run the program that the environment names."""
    program = os.environ["PROGRAM"]
    if re.search(r"-Xm[sx]\d+[gG]", os.environ.get("KAFKA_HEAP_OPTS", "")):  # beside the broker's
        fail("\n".join(NO_MEMORY))
    options = read_options(program, arguments)
    properties = {}
    file = options.get("--command-config")
    if file is not None:
        try:
            with open(file, encoding="latin-1") as source:
                properties = parse_properties(source.read())
        except OSError:
            fail(file, f"java.nio.file.NoSuchFileException: {file}")
    answer = ask({"program": program, "options": options, "properties": properties})
    for line in answer["stdout"]:
        print(line)
    for line in answer["stderr"]:
        is_logged = line.startswith(("WARN ", "ERROR "))
        stamp = time.strftime("[%Y-%m-%d %H:%M:%S,000] ") if is_logged else ""
        print(f"{stamp}{line}", file=sys.stderr)
    sys.exit(answer["exit"])


if __name__ == "__main__":
    main(sys.argv[1:])
