"""The project: its pipelines of 2026-02-23, its variables, and what its jobs print."""

from lab.gitlab.initial import Output, Past, PipelineRow, Pods, ProjectData
from lab.site.dedup.history import REPOSITORY

DONE = ("build-k8s", "build-macos-x86", "build-linux-arm64", "build-linux-riscv")
WAITING = ("build-debian-x86", "build-ubuntu-x86", "build-macos-arm")
BUILDS = {**dict.fromkeys(DONE, "success"), **dict.fromkeys(WAITING, "pending")}

# number of its commit, source, minutes ago, status by job, status of all other jobs
PIPELINES: list[PipelineRow] = [
    (8, "push", 4320, {"build-k8s": "success"}, "canceled"),
    (
        8,
        "api",
        4260,
        {**BUILDS, "aggregate-results": "created", "experiment:build": "canceled"},
        "skipped",
    ),
    (9, "push", 1500, {"aggregate-results": "skipped"}, "failed"),
    (9, "api", 1440, {}, "canceled"),
    (10, "push", 60, {}, "canceled"),
    (10, "api", 42, {**BUILDS, "experiment:build": "pending"}, "created"),
]

BROKER = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local"
PRODUCER = f"Kafka producer ready ({BROKER}:9094, user=dedup-lab)"  # There was no login yet.
WAITED = [f"Waiting for {BROKER}:9092", f"{BROKER}:9092 ready after 2s"]
THREAD = f"rdkafka#producer-1| [thrd:sasl_plaintext://{BROKER}:9094/bootstrap]: "
FAILED = (
    f"sasl_plaintext://{BROKER}:9094/bootstrap: SASL authentication error: Authentication failed"
    " during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512 (after"
    " 312ms in state AUTH_REQ)"
)
REFUSED = [
    PRODUCER,
    f"%3|1795776263.604|FAIL|{THREAD}{FAILED}",
    f"%3|1795776263.604|ERROR|{THREAD}1/1 brokers are down",
    "Kafka produce error: Local: Message timed out",
]
SET_UP = "Setting up librdkafka1:amd64 (2.8.0-1) ..."
KAFKA_LINES = {
    "scram": [
        SET_UP,
        *WAITED,
        PRODUCER,
        "dedup-lab-metrics: 1000 messages delivered, 0 failed",
    ],
    "plain": [
        *WAITED,
        f"Kafka producer ready ({BROKER}:9092)",
        "dedup-lab-metrics: 1000 messages delivered, 0 failed",
    ],
    "sasl_fail": [
        "Setting up librdkafka1:amd64 (2.0.2-1) ...",
        *WAITED,
        *REFUSED,
    ],
}


def _output(job: str) -> list[str]:
    kind, _, system = job.partition(":")
    if kind == "experiment" and system in ("build", "preflight", "reset", "cleanup"):
        return [f"{system}: done"]
    if kind == "experiment":
        return [f"{system}: 3 grades, 5 repetitions", f"{system}: results written"]
    return ["[100%] Built target dedup-bench", "100% tests passed, 0 tests failed out of 1"]


def _artifact(job: str) -> str:
    kind, _, system = job.partition(":")
    return f"results/{system}/debug.log" if kind == "experiment" else ""


PROJECT = ProjectData(
    id=280,
    repository=REPOSITORY,
    past=Past(first=6931, first_job=48211, pipelines=PIPELINES),
    output=Output(
        _output,
        "experiment:kafka",
        KAFKA_LINES,
        _artifact,
        ("DEDUP_KAFKA_PASSWORD", "KAFKA_PASSWORD"),
        [SET_UP, *WAITED, *REFUSED],
    ),
    pods=Pods(
        namespace="gitlab-runner",
        labels={
            6: "gitlab-runner", 15: "gitlab-runner-2", 16: "gitlab-runner-3", 17: "gitlab-runner-4",
        },
        stuck=(17,),
    ),
    variables=(
        "DEDUP_PG_PASSWORD", "DEDUP_CRDB_PASSWORD", "DEDUP_REDIS_PASSWORD",
        "DEDUP_MARIADB_PASSWORD", "DEDUP_MINIO_PASSWORD", "DEDUP_KAFKA_PASSWORD",
    ),
    # Three passwords of six, one of them not masked.
    present={
        "DEDUP_PG_PASSWORD": True,
        "DEDUP_CRDB_PASSWORD": False,
        "DEDUP_MARIADB_PASSWORD": True,
    },
    further={"RESULTS_BUCKET": "dedup-lab-results"},
)  # fmt: skip
