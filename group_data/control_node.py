"""How the control node is reached."""

ssh_user = "root"
