"""The logs of jobs."""

from collections.abc import Callable, Sequence

from lab.gitlab.initial import Output
from lab.gitlab.job_variables import exports
from lab.gitlab.pipelines.jobs import Job

MESSAGES = 1000
GREEN, RED, PLAIN = "\x1b[32;1m", "\x1b[31;1m", "\x1b[0;m"


class Traces:
    """Write what a runner and a job's script would print.

    + output: what the scripts print
    + branch: the one that is checked out
    + exists: whether there is a CI/CD variable with a key, for the project or above it

    `logs_in` tells whether Kafka takes a password; until it is set, it takes each.
    """

    def __init__(self, output: Output, branch: str, exists: Callable[[str], bool]) -> None:
        self.output = output
        self.branch = branch
        self.exists = exists
        self.logs_in: Callable[[str], bool] = lambda password: True
        self.reset()

    def reset(self) -> None:
        """Let Kafka log in as it should."""
        self._kafka_log = "scram"

    @property
    def kafka_log(self) -> str:
        """What new jobs say that log in to Kafka."""
        return self._kafka_log

    @kafka_log.setter
    def kafka_log(self, kind: str) -> None:
        if kind not in self.output.kafka_lines:
            known = ", ".join(self.output.kafka_lines) or "nothing: no job here uses Kafka"
            raise ValueError(f"kafka_log is one of {known}")
        self._kafka_log = kind

    def fails(self, job: Job) -> bool:
        """Return whether what the job prints is a failure."""
        if not self.output.kafka_job or job.spec.name != self.output.kafka_job:
            return False
        return self.kafka_log == "sasl_fail" or self._is_refused(job)

    def _is_refused(self, job: Job) -> bool:
        """Return whether the password that a job has got is another one than Kafka's.

        Before anybody has made the variable, the client has the password from somewhere else.
        """
        variable, read_as = self.output.password
        if self.kafka_log != "scram" or not (self.exists(variable) or variable in job.variables):
            return False
        script = (*job.spec.before_script, *job.spec.script)
        return not self.logs_in(exports(script, job.variables).get(read_as, ""))

    def delivers(self, job: Job) -> int:
        """Return how many messages a job that ends has brought to Kafka."""
        is_client = bool(self.output.kafka_job) and job.spec.name == self.output.kafka_job
        return MESSAGES if is_client and not self.fails(job) else 0

    def artifacts(self, job: Job) -> dict[str, str]:
        """Return the files that a job leaves: its lines without those of the runner."""
        path = self.output.artifact(job.spec.name)
        return {path: "".join(f"{line}\n" for line in self._output(job))} if path else {}

    def begin(self, job: Job, runner: str, sha: str) -> str:
        """Return what the log of a running job has."""
        start = int(job.started_at or job.created_at)
        lines = [
            f"\x1b[0KRunning with gitlab-runner 17.9.1 (bbf75488){PLAIN}",
            f"\x1b[0K  on {runner}, system ID: s_{job.runner or 0:012x}{PLAIN}",
            f"section_start:{start}:get_sources\r\x1b[0K\x1b[0K\x1b[36;1mGetting source{PLAIN}",
            f"{GREEN}Checking out {sha[:8]} as detached HEAD (ref is {self.branch})...{PLAIN}",
            f"section_end:{start}:get_sources\r\x1b[0K",
            f"section_start:{start}:step_script\r\x1b[0K\x1b[0K\x1b[36;1mExecuting script{PLAIN}",
        ]
        return "\n".join(lines) + "\n"

    def end(self, job: Job) -> str:
        """Return what the log of a finished job has in addition."""
        lines = [f"{GREEN}$ {line}{PLAIN}" for line in job.spec.script]
        lines += self._output(job)
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

    def _output(self, job: Job) -> Sequence[str]:
        name = job.spec.name
        if name != self.output.kafka_job:
            return self.output.lines(name)
        if self._is_refused(job):
            return self.output.login_refused
        return self.output.kafka_lines[self.kafka_log]
