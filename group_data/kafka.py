"""Kafka's super users, and what proves that clients use SASL (docs/revert_super_users.md)."""

from os import environ

removed_super_users = ["User:ANONYMOUS"]
sasl_required_commit = environ.get("SASL_REQUIRED_COMMIT") or "3719896"
evidence_jobs = r"experiment:(kafka|run-all)"
evidence_wanted = r"Kafka producer ready \(\S*:{port}, user={user}\)"
evidence_producer = r"(?i)kafka producer"
evidence_forbidden = [r":(?!{port}\b)\d{4,5}\b"]  # Another port; other lines may wait for one.
evidence_consumer = ""  # No job here has a consumer; r"consumed (\d+) messages" would be its line.
# What librdkafka and Kafka's own client print where they do not get in; "ready" comes before that.
evidence_failures = [
    r"\|FAIL\|.*(?:rdkafka|sasl|ssl|kafka)",
    r"\|ERROR\|.*(?i:authentication|brokers are down)",
    "brokers are down",
    "SASL authentication error",
    "Kafka produce error",
    "SaslAuthenticationException",
]
evidence_topics = ["$.metrics_trace.topics[*]"]  # as the jobs' own configuration names them
evidence_artifact = "results/{system}/debug.log"
evidence_directory = environ.get("EVIDENCE_DIRECTORY") or "evidence"
kafka_ready_seconds = environ.get("KAFKA_READY_SECONDS") or 900
