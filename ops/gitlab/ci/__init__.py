"""The rules of `.gitlab-ci.yml` as GitLab reads them: conditions, globs, workflow. No I/O."""
