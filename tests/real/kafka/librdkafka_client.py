"""A producer as the experiment's client is one, in an environment that has librdkafka and no test.

It prints what that one prints: "ready" as soon as the object exists, then what the library logs.
usage: ADDRESS USER PASSWORD TOPIC MESSAGES
"""

import sys
import time

import confluent_kafka

errors: list[int] = []
address, user, password, topic, messages = sys.argv[1:]
print(f"librdkafka {confluent_kafka.libversion()[0]}", flush=True)
producer = confluent_kafka.Producer(
    {
        "bootstrap.servers": address,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": user,
        "sasl.password": password,
        "message.timeout.ms": 300000,
        "error_cb": lambda error: errors.append(error.code()),
    }
)
print(f"Kafka producer ready ({address}, user={user})", flush=True)


def report(error: object, message: object) -> None:
    if error is not None:
        print(f"Kafka produce error: {error}", flush=True)


for number in range(int(messages)):
    producer.produce(topic, f"{number}".encode(), on_delivery=report)
# Whoever is refused tries again without end; a busy machine may take its time for either.
deadline = time.monotonic() + 400
while producer.flush(0.5) and confluent_kafka.KafkaError._AUTHENTICATION not in errors:
    if time.monotonic() > deadline:
        break
print(f"{len(producer)} messages are left", flush=True)
