"""Let changes of the configuration run the experiment: widen `rules:changes` of its first job.

    pyinfra inventory.py deploys/widen_changes_filter.py --dry
    pyinfra inventory.py deploys/widen_changes_filter.py

docs/widen_changes_filter.md says what the globs mean to GitLab, and how to undo it.
"""

import functools

from pyinfra import host

from ops.gitlab import repository
from ops.gitlab.ci.filters import with_changes
from ops.site.job import acts_on

acts_on("project")

data = host.data

if "project" in host.groups:
    repository.report_globs(host, data.ci_branch, data.changes_filter_paths)
    repository.commit(
        name=f"Widen the changes filter of {data.changes_filter_job}",
        branch=data.ci_branch,
        message=f"Run {data.changes_filter_job} for changes of further paths",
        edits={
            data.ci_file: functools.partial(
                with_changes, job=data.changes_filter_job, paths=data.changes_filter_paths
            )
        },
        lint=data.ci_file,
    )
