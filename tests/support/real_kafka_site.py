"""What tests of jobs with real brokers share: the settings that lead there, and messages."""

import subprocess
from datetime import datetime
from pathlib import Path

import gitlab
from lab_process import Lab
from limits import LIMIT
from real import ROOT, built
from real_kafka import RealKafka

TOPICS = ("dedup-lab-events", "dedup-lab-metrics")


def endpoint(kafka: RealKafka) -> list[str]:
    port = kafka.port["SCRAM"]
    data = ["kafka_host=127.0.0.1", f"kafka_port={port}", f"kafka_login_ports={port}"]
    return [part for text in data for part in ("--data", text)]


def middle_of_the_job(lab: Lab) -> int:
    """The moment in the middle of it, in milliseconds."""
    site = lab.environment
    with gitlab.Gitlab(
        site["GITLAB_URL"], private_token=site["GITLAB_TOKEN"], ssl_verify=site["GITLAB_CA_FILE"]
    ) as client:
        job = client.projects.get(280).jobs.get(lab.jobs(6936)["experiment:kafka"]["id"])
    times = [datetime.fromisoformat(text) for text in (job.started_at, job.finished_at)]
    return int(500 * sum(time.timestamp() for time in times))


def produce(kafka: RealKafka, topic: str, time: int) -> None:
    """Bring messages of a moment, as a client that needs no login."""
    python = built("librdkafka-2.6.1") / "bin" / "python"
    script = Path(ROOT / "tests" / "real" / "kafka" / "producer_of_a_moment.py")
    command = [str(python), str(script), kafka.address("PLAIN"), topic, str(time), "5"]
    subprocess.run(command, check=True, timeout=LIMIT)
