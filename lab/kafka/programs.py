"""What Kafka's own programs print in a broker pod: each a function of its options.

https://github.com/apache/kafka/tree/4.1/tools/src/main/java/org/apache/kafka/tools
"""

import re
from collections.abc import Callable
from typing import Any

from lab.kafka.brokers import may_all
from lab.kafka.initial import CLUSTER, NAMESPACE
from lab.kafka.logins import ERRORS, Logins, Refused
from lab.kafka.topics import Topics

# Some of what a broker of version 4.1 lists: name, key, newest version
APIS = [
    *(("Produce", 0, 13), ("Fetch", 1, 18), ("ListOffsets", 2, 11), ("Metadata", 3, 13)),
    *(("OffsetCommit", 8, 9), ("OffsetFetch", 9, 9), ("FindCoordinator", 10, 6)),
    *(("SaslHandshake", 17, 1), ("ApiVersions", 18, 4), ("CreateTopics", 19, 7)),
    *(("InitProducerId", 22, 5), ("DescribeAcls", 29, 3), ("SaslAuthenticate", 36, 2)),
]
NO_TOPIC = "Error occurred: Could not match any topic-partitions with the specified filters"
TIMES = (
    "Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or"
    " latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp"
)
Options = dict[str, str]


class Programs:
    """The programs, and the listeners that they connect to."""

    def __init__(self, logins: Logins, topics: Topics) -> None:
        self.logins = logins
        self.topics = topics
        self._programs: dict[str, Callable[[Options, int, str], list[str]]] = {
            "kafka-broker-api-versions.sh": self._api_versions,
            "kafka-configs.sh": self._configs,
            "kafka-get-offsets.sh": self._offsets,
        }

    def run(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return what a program prints, its exit code, and how long it takes.

        + document: `program`, its `options`, and the `properties` of its configuration file
        """
        options, name = document["options"], document["program"]
        seconds = self.logins.seconds
        try:
            port, user = self.logins.enter(options["--bootstrap-server"], document["properties"])
            lines = self._programs[name](options, port, user)
        except Refused as refusal:
            said = {"stdout": refusal.stdout, "stderr": refusal.stderr}
            return {"seconds": seconds, "exit": 1, **said}
        return {"seconds": seconds, "exit": 0, "stdout": lines, "stderr": []}

    def _api_versions(self, options: Options, port: int, user: str) -> list[str]:
        lines = []
        for number, name in self.logins.ready().items():
            host = f"{name}.{CLUSTER}-kafka-brokers.{NAMESPACE}.svc"
            node = f"{host}:{port} (id: {number} rack: null isFenced: false)"
            if number in self.logins.unreachable:
                lines.append(f"{node} -> ERROR: {ERRORS}.DisconnectException")
                continue
            apis = [f"\t{name}({key}): 0 to {to} [usable: {to}]" for name, key, to in APIS]
            lines += [f"{node} -> ("] + [f"{line}," for line in apis[:-1]] + [apis[-1], ")"]
        return lines

    def _configs(self, options: Options, port: int, user: str) -> list[str]:
        if options.get("--entity-type") != "brokers" or "--entity-name" not in options:
            raise Refused(["the lab describes a broker, and nothing else"])
        number = int(options["--entity-name"])
        if number not in self.logins.ready():  # One that is down, as well.
            return [f"The broker '{number}' doesn't exist and doesn't have dynamic config."]
        header = f"Dynamic configs for broker {number} are:"
        if number in self.logins.unreachable:
            text = "Timed out waiting for a node assignment. Call: describeConfigs"
            raise _failed(options, header, "TimeoutException", text)
        # The broker that is asked about answers itself, with what it was started with.
        if not may_all(self.logins.brokers.running[number], user):
            text = "Cluster authorization failed."
            raise _failed(options, header, "ClusterAuthorizationException", text)
        return [header]

    def _offsets(self, options: Options, port: int, user: str) -> list[str]:
        # Who may do nothing sees no topic at all.
        if not all(may_all(c, user) for c in self.logins.brokers.running.values()):
            raise Refused([NO_TOPIC])
        topics, time = options.get("--topic", ".*"), options.get("--time", "-1")
        if not re.fullmatch(r"-?\d+|latest|earliest", time):
            raise Refused([f"Error occurred: Malformed time argument {time}. {TIMES}"])
        try:
            lines = self.topics.offsets(topics, time)
        except re.error:
            text = f"{topics} is an invalid regex."
            raise Refused(
                [f"Error occurred: {text}", f"java.lang.RuntimeException: {text}", ""]
            ) from None
        if not lines and not self.topics.offsets(topics, "-1"):
            raise Refused([NO_TOPIC])
        return lines


def _failed(options: Options, header: str, kind: str, text: str) -> Refused:
    words = " ".join(f"{name} {value}".strip() for name, value in options.items())
    error = f"{ERRORS}.{kind}: {text}"
    return Refused(
        [
            f"Error while executing config command with args '{words}'",
            f"java.util.concurrent.ExecutionException: {error}",
            "\tat java.base/java.util.concurrent.CompletableFuture.reportGet(Unknown Source)",
            "\tat org.apache.kafka.tools.ConfigCommand.main(ConfigCommand.java:97)",
            f"Caused by: {error}",
        ],
        [header],
    )
