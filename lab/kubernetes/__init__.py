"""A Kubernetes API server and what runs behind it.

`state` has the objects and their rules, `routes` the HTTP, `initial` what there is at the start.
"""
