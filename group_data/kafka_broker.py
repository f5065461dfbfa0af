"""The chain from Kafka's user to a login with SASL, which is tried in a broker's pod."""

from os import environ

# The endpoint of the clients: documents, CI and the chain follow. 9092 is the one without a login.
kafka_host = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local"
kafka_port = 9094
kafka_login_ports = [9094]
kafka_user_name = "dedup-lab"
kafka_password_variable = "DEDUP_KAFKA_PASSWORD"
kafka_password_exported_as = "KAFKA_PASSWORD"
kafka_client_files = ["src/cpp/connectors/kafka_connector.cpp", "src/cpp/config.hpp"]
kafka_client_library = environ.get("KAFKA_CLIENT_LIBRARY") or ""  # The log of a job tells, else.
kafka_programs = environ.get("KAFKA_BIN", "/opt/kafka/bin")
