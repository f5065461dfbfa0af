"""What the tests of the lab's Kafka share."""

from lab_process import Lab

KAFKA = ("kafkas", "kafka", "kafka-cluster")
BROKER = "kafka-cluster-kafka-0"
WITHOUT = {"spec": {"kafka": {"authorization": {"superUsers": None}}}}
JAVA = ("env", "KAFKA_HEAP_OPTS=-Xmx256M")  # The container's own options are the broker's.


def settled(lab: Lab, generation: int) -> bool:
    kafka = lab.state()["kafka"]
    return kafka["observedGeneration"] == generation and kafka["ready"]
