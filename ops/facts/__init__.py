"""What operations read. Facts of an API resource are requests that change nothing."""
