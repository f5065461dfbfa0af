"""Branches of git remotes, through the operator's clone on `@local`.

Operation: `branches.fast_forward`.
"""
