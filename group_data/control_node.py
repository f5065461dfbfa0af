"""How the control node is reached."""

from os import environ

ssh_user = "root"
ssh_config_file = environ.get("SSH_CONFIG_FILE", "~/.ssh/config")
