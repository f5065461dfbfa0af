"""`.gitlab-ci.yml`: what is wrong with it, and which jobs a pipeline of it has."""
