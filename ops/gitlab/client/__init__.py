"""GitLab's API through python-gitlab, which nothing outside of this folder imports."""
