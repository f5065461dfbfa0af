"""GitLab: its API, its CI, its database's bug.

`state` has the runners and the migrations, `routes` the HTTP, `initial` what there is in the
beginning; `ci`, `pipelines` and `repository` are chapters with the same files.
"""
