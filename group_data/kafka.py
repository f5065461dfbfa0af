"""Kafka's super users, and what proves that clients use SASL (docs/revert_super_users.md)."""

from os import environ

removed_super_users = ["User:ANONYMOUS"]
sasl_required_commit = environ.get("SASL_REQUIRED_COMMIT", "3719896")
evidence_jobs = r"experiment:(kafka|run-all)"
evidence_wanted = r"Kafka producer ready \(\S*:{port}, user={user}\)"
evidence_forbidden = [":9092", "SASL FAIL"]
evidence_directory = environ.get("EVIDENCE_DIRECTORY", "evidence")
kafka_ready_seconds = environ.get("KAFKA_READY_SECONDS", 900)
