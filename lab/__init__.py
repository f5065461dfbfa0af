"""The practice site: GitLab, Kubernetes and SSH in one local process, broken as the real site was.

State and rules of a system are in one class (`gitlab.py`, `kubernetes.py`), its routes in one table
(`gitlab_routes.py`, `kubernetes_routes.py`). Nothing is shared with `ops`: the lab is a witness.
"""
