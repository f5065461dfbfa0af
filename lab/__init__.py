"""The practice site: GitLab, Kubernetes and SSH in one local process, broken as the real site was.

One room a system, with the names of `ops`. In each, `state` has what exists and its rules, `routes`
the HTTP, `initial` what there is at the start. Nothing is shared with `ops`: the lab is a witness.
"""
