"""One run at a time: a Lease of the cluster for all machines, and a file for those of this one.

docs/lock.md says what it holds, and what it cannot.
"""
