"""What only this site knows: a folder a job, on top of the systems' rooms."""
