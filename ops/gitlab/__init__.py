"""GitLab: resources of its API as hosts (`@gitlab`, `@gitlab/runners/17`, `@gitlab/projects/42`).

Operations, by chapter of GitLab's API: `runners` on a runner, `snapshot` on `@gitlab`; `variables`,
`repository`, `changes_filter` and `pipelines` on the project. `workflow` reports what makes
pipelines of a branch; `ci` has the rules of `.gitlab-ci.yml`, without I/O.
"""
