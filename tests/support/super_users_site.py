"""What the tests of taking super users away share: logs, the Kafka resource, and its brokers."""

from pathlib import Path
from typing import Any

from lab_process import Lab, Pyinfra

KAFKA = ("kafkas", "kafka", "kafka-cluster")
PATH = "/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkas/kafka-cluster"
FIELD = "/spec/kafka/authorization/superUsers"
IGNORED = "/spec/kafka/config/super.users"
BROKER = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local"
SCRAM = f"Kafka producer ready ({BROKER}:9094, user=dedup-lab)"
PLAIN = f"Kafka producer ready ({BROKER}:9092)"
THREAD = f"rdkafka#producer-1| [thrd:sasl_plaintext://{BROKER}:9094/bootstrap]: "
FAIL = f"%3|1795776263.604|FAIL|{THREAD}SASL authentication error: invalid credentials"
COLOURED_FAIL = FAIL.replace("FAIL", "\x1b[31;1mFAIL\x1b[0;m")
FAILED = "|FAIL|rdkafka"
WAITED = [f"Waiting for {BROKER}:9092", f"{BROKER}:9092 ready after 2s"]
ANONYMOUS, OTHER = "User:ANONYMOUS", "User:CN=backup"
REFUSED = "anonymous clients are refused (ClusterAuthorizationException)"
PAUSE = "strimzi.io/pause-reconciliation"
EVERYONE = "allow.everyone.if.no.acl.found"


def log(
    lab: Lab, job: str | int, *lines: str, status: str = "success", delivered: int = 1000
) -> None:
    text = "".join(f"{line}\n" for line in lines)
    lab.fault(action="set_trace", job=job, text=text, delivered=delivered)
    lab.fault(action="finish_job", job=job, status=status)


def revert(pyinfra: Pyinfra, *arguments: str, **environment: str) -> tuple[int, str]:
    return pyinfra.deploy("revert_super_users", "-y", *arguments, **environment)


def super_users(lab: Lab) -> list[str]:
    return lab.state()["kafka"]["super_users"]


def is_settled(lab: Lab, generation: int) -> bool:
    kafka = lab.state()["kafka"]
    return kafka["ready"] and kafka["observedGeneration"] == kafka["generation"] == generation


def set_super_users(lab: Lab, *users: str) -> None:
    """Set the super users as somebody else, and wait for the operator."""
    change(lab, authorization={"superUsers": [user.removeprefix("User:") for user in users]})


def nobody(lab: Lab) -> None:
    """Take all super users away as somebody else."""
    change(lab, authorization={"superUsers": None}, config={"super.users": None})


def change(lab: Lab, **kafka: Any) -> None:
    """Change the Kafka resource as somebody else, and wait for the operator."""
    lab.fault(action="patch_object", kind="Kafka", patch={"spec": {"kafka": kafka}})
    generation = lab.state()["kafka"]["generation"]
    lab.wait(lambda: lab.state()["kafka"]["observedGeneration"] == generation)


def anonymous_is_let(lab: Lab) -> list[bool]:
    return [b["anonymous_is_let"] for b in lab.state()["kafka"]["brokers"].values()]


def refused(lab: Lab, pyinfra: Pyinfra, proof: Path, *seen: str) -> None:
    code, output = revert(pyinfra)
    assert code == 1
    assert "there is no proof, so nothing is changed" in output
    for text in seen:
        assert text in output
    assert "Traceback" not in output
    assert lab.mutations() == []
    assert not proof.exists()


def patches(lab: Lab) -> list[dict[str, Any]]:
    return [r for r in lab.requests(mutating="true") if r["method"] == "PATCH"]
