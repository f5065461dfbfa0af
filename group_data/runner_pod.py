"""The pod of the runner that runs the experiment."""

runner_ready_seconds = 300  # that the next pod may take
