"""Let changes of the configuration run the experiment: widen `rules:changes` of its jobs.

    pyinfra inventory.py deploys/widen_changes_filter.py --dry
    pyinfra inventory.py deploys/widen_changes_filter.py

docs/widen_changes_filter.md says what the globs mean to GitLab, and how to undo it.
"""

import functools

from pyinfra import host

from ops.gitlab import changes_filter, repository
from ops.gitlab.ci.filters import with_changes
from ops.site.job import acts_on

acts_on("project")

data = host.data

if "project" in host.groups:
    job, paths = data.changes_filter_job, data.changes_filter_paths
    changes_filter.purpose(
        name="See which jobs a push of these paths gets",
        file=data.ci_file,
        ref=data.ci_branch,
        job=job,
        paths=paths,
    )
    repository.commit(
        name=f"Widen the changes filter of {job}",
        branch=data.ci_branch,
        message=f"Run {job} for changes of further paths",
        edits={data.ci_file: functools.partial(with_changes, job=job, paths=paths)},
        lint=data.ci_file,
    )
