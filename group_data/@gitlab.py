"""How GitLab is reached. The token comes from GITLAB_TOKEN or python-gitlab.cfg."""

from os import environ

gitlab_url = environ.get("GITLAB_URL", "https://gitlab.comdare.de")
