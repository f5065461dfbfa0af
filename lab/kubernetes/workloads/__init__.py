"""What runs: pods, the processes in them, and exec."""
