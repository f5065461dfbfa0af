"""The history of the project's repository."""

from datetime import UTC, datetime
from pathlib import Path

from lab.git.initial import Beginning, History

CI, CMAKE, README = ".gitlab-ci.yml", "src/cpp/CMakeLists.txt", "README.md"
EXAMPLE, CONFIG_MAP = "src/cpp/config.example.json", "k8s/base/configmap.yaml"
KUSTOMIZATION, USER = "k8s/base/kustomization.yaml", "k8s/base/kafka-user.yaml"
CLIENT = "src/cpp/connectors/kafka_connector.cpp"
HEADER, ACCESS = "src/cpp/connectors/kafka_connector.hpp", "src/cpp/config.hpp"
TRACE = "src/cpp/experiment/metrics_trace.cpp"

# message, files that it touches
COMMITS = [
    ("Measure deduplication in databases", [README, "src/cpp/main.cpp", CMAKE]),
    ("Build on seven platforms", [CI, "scripts/aggregate.py"]),
    ("Describe the databases in one file", [EXAMPLE]),
    ("Deploy the configuration with kustomize", [CONFIG_MAP, KUSTOMIZATION]),
    ("Empty the databases between two runs", ["scripts/reset/reset.sh"]),
    ("Run the experiments in CI, one database after the other", [CI]),
    ("Measure Kafka", [CLIENT, HEADER, TRACE, CMAKE, EXAMPLE, CONFIG_MAP]),
    ("Take the password of Kafka from the environment", [CLIENT, ACCESS, CI]),
    ("Wait longer for Redis\n\nThe cluster answers late while it saves.", [EXAMPLE, CONFIG_MAP]),
    ("Require SASL for Kafka\n\nThe listener is the one on 9094.", [README, KUSTOMIZATION, USER]),
]

# Before commit N, what matches in a file read differently.
EARLIER = [
    (6, CI, r"# -+ experiments\n.*", ""),
    (7, EXAMPLE, r'    \{\n      "system": "kafka".*?\n    \},\n', ""),
    (7, EXAMPLE, r',\n\n  "metrics_trace": .*\n  \}\n', "\n"),
    (7, CONFIG_MAP, r'        \{\n          "system": "kafka".*?\n        \},\n', ""),
    (7, CONFIG_MAP, r',\n\n      "metrics_trace": .*\n      \}\n', "\n"),
    (7, CMAKE, r"    target_sources\([^\n]*\n", ""),
    (8, CI, r"    - export KAFKA_PASSWORD[^\n]*\n", ""),
    (8, CLIENT, r"namespace \{\n.*?\}  // namespace\n\n", ""),
    (8, CLIENT, r"password\(config\)", "config.password"),
    (8, TRACE, r'#include "config.hpp"\n', ""),
    (9, EXAMPLE, r'"timeout_ms": 5000', '"timeout_ms": 2000'),
    (9, CONFIG_MAP, r'"timeout_ms": 5000', '"timeout_ms": 2000'),
    (10, README, r"\n## Kafka\n.*", ""),
    (10, KUSTOMIZATION, r"  - kafka-user.yaml\n", ""),
]

REPOSITORY = Beginning(
    history=History(
        files=Path(__file__).with_name("project"),
        branch="development",
        archive="master",
        archived=5,
        commits=COMMITS,
        earlier=EARLIER,
        people=(
            ("Jana Reuter", "jana.reuter@comdare.de"),
            ("Tom Albers", "tom.albers@comdare.de"),
        ),
        start=datetime(2026, 2, 9, 8, 30, tzinfo=UTC),
        executable=frozenset({"scripts/reset/reset.sh"}),
    ),
    paths={
        "gitlab": "comdare/research/dedup-database-analysis.git",
        "github": "comdare/dedup-database-analysis.git",
    },
    clone="dedup-database-analysis",
)
