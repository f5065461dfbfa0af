"""The control node: SSH with commands, SFTP and port forwarding."""
