"""How often the site is looked at. The Kubernetes API is reached directly, with $KUBECONFIG."""

from os import environ

watch_interval = environ.get("WATCH_INTERVAL", 5)  # seconds between two looks of a watching job
