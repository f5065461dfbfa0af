"""The experiment's configuration of Kafka, the same in three places."""

# Port and user are those of kafka_broker.py; the password comes from the environment.
# JSONPath (RFC 9535): each must lead to exactly one value of a document.
experiment_config_values = {
    "$.databases[?@.system == 'kafka'].port": "{port}",
    "$.databases[?@.system == 'kafka'].user": "{user}",
    "$.databases[?@.system == 'kafka'].password": "",
    "$.metrics_trace.kafka_bootstrap": "{host}:{port}",
}
experiment_config_key = "config.json"  # of the ConfigMap
experiment_config_map_file = "k8s/base/configmap.yaml"  # and in the repository
experiment_config_file = "src/cpp/config.example.json"  # its twin for CI
