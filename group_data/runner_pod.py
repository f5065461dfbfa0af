"""The pod of the runner that runs the experiment."""

experiment_runner = 17  # id; its pod is replaced after each experiment job
experiment_job_prefix = "experiment:"
follow_seconds = 14400
runner_ready_seconds = 300  # that the next pod may take
