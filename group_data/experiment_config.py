"""The experiment's configuration of Kafka, the same in three places."""

# Port and user are those of kafka_broker.py; the password comes from the environment.
experiment_config_values = {"kafka": {"port": "{port}", "user": "{user}", "password": ""}}
experiment_config_key = "config.json"  # of the ConfigMap
experiment_config_map_file = "k8s/base/configmap.yaml"  # and in the repository
experiment_config_file = "src/cpp/config.example.json"  # its twin for CI
