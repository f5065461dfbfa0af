"""What became of the jobs of a pipeline that has ended, or of those that have."""

from ops.gitlab.pipelines.status import Jobs


def failed(jobs: Jobs) -> list[str]:
    """Return the names of the jobs that have failed, those left out that are allowed to."""
    return [
        str(job["name"]) for job in jobs if job["status"] == "failed" and not job["allow_failure"]
    ]


def canceled(jobs: Jobs) -> list[str]:
    """Return the names of the jobs that were canceled."""
    return [str(job["name"]) for job in jobs if job["status"] == "canceled"]


def lost(jobs: Jobs) -> list[str]:
    """Return the names of the jobs for which a pipeline has failed, failed ones first.

    One that waits for a person, or was skipped, is none of them.
    """
    return [*failed(jobs), *(f"{name} (canceled)" for name in canceled(jobs))]
