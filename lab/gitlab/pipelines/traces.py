"""The logs of jobs."""

from lab.gitlab.pipelines.jobs import Job

BROKER = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local"
KAFKA_LINES = {
    "scram": f"Kafka producer ready ({BROKER}:9094, user=dedup-lab)",
    "plain": f"Kafka producer ready ({BROKER}:9092)",
    "sasl_fail": f"Kafka producer: SASL FAIL ({BROKER}:9094, user=dedup-lab)",
}
GREEN, RED, PLAIN = "\x1b[32;1m", "\x1b[31;1m", "\x1b[0;m"


class Traces:
    """Write what a runner and a job's script would print."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Let Kafka log in as it should."""
        self._kafka_log = "scram"

    @property
    def kafka_log(self) -> str:
        """What new jobs of experiment:kafka say."""
        return self._kafka_log

    @kafka_log.setter
    def kafka_log(self, kind: str) -> None:
        if kind not in KAFKA_LINES:
            raise ValueError(f"kafka_log is one of {', '.join(KAFKA_LINES)}")
        self._kafka_log = kind

    def fails(self, job: Job) -> bool:
        """Return whether what the job prints is a failure."""
        return job.spec.name == "experiment:kafka" and self.kafka_log == "sasl_fail"

    def begin(self, job: Job, runner: str, sha: str) -> str:
        """Return what the log of a running job has."""
        start = int(job.started_at or job.created_at)
        lines = [
            f"\x1b[0KRunning with gitlab-runner 17.9.1 (bbf75488){PLAIN}",
            f"\x1b[0K  on {runner}, system ID: s_{job.runner or 0:012x}{PLAIN}",
            f"section_start:{start}:get_sources\r\x1b[0K\x1b[0K\x1b[36;1mGetting source{PLAIN}",
            f"{GREEN}Checking out {sha[:8]} as detached HEAD (ref is development)...{PLAIN}",
            f"section_end:{start}:get_sources\r\x1b[0K",
            f"section_start:{start}:step_script\r\x1b[0K\x1b[0K\x1b[36;1mExecuting script{PLAIN}",
        ]
        return "\n".join(lines) + "\n"

    def end(self, job: Job) -> str:
        """Return what the log of a finished job has in addition."""
        lines = [f"{GREEN}$ {line}{PLAIN}" for line in job.spec.script]
        lines += self._output(job.spec.name)
        lines.append(f"section_end:{int(job.finished_at or 0)}:step_script\r\x1b[0K")
        if job.status == "success":
            lines.append(f"{GREEN}Job succeeded{PLAIN}")
        elif job.status == "canceled":
            lines.append(f"{RED}ERROR: Job failed: canceled{PLAIN}")
        elif job.failure_reason == "runner_system_failure":
            lines.append(f"{RED}ERROR: Job failed (system failure): the runner is gone{PLAIN}")
        else:
            lines.append(f"{RED}ERROR: Job failed: exit code 1{PLAIN}")
        return "\n".join(lines) + "\n"

    def _output(self, name: str) -> list[str]:
        kind, _, system = name.partition(":")
        if name == "experiment:kafka":
            return [KAFKA_LINES[self.kafka_log]]
        if kind == "experiment" and system in ("build", "preflight", "reset", "cleanup"):
            return [f"{system}: done"]
        if kind == "experiment":
            return [f"{system}: 3 grades, 5 repetitions", f"{system}: results written"]
        return ["[100%] Built target dedup-bench", "100% tests passed, 0 tests failed out of 1"]
