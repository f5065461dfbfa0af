"""The git remotes and the operator's clone: real git over HTTPS, with hooks like the servers'."""
