"""Files, commits and branches through GitLab's API."""
