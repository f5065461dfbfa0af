"""What the simulated HTTP servers share: TLS, the request log, faults, refusals."""
