"""How the Kubernetes API is reached: through the control node, which also has the kubeconfig."""

from os import environ

kubernetes_via = environ.get("KUBERNETES_VIA", "root@10.0.10.201")
ssh_config_file = environ.get("SSH_CONFIG_FILE", "~/.ssh/config")
