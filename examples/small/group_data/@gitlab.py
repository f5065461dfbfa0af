"""How GitLab is reached, below a path. The token comes from GITLAB_TOKEN or python-gitlab.cfg."""

from os import environ

gitlab_url = environ.get("GITLAB_URL", "https://acme.example/gitlab")
