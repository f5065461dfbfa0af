"""How often the site is looked at. The Kubernetes API is reached directly, with $KUBECONFIG."""

from os import environ

ssh_config_file = environ.get("SSH_CONFIG_FILE") or "~/.ssh/config"
watch_interval = environ.get("WATCH_INTERVAL") or 5  # seconds between two looks of a watching job
