"""Commands on hosts with a shell: pods, SSH hosts and `@local`.

Operation: `detached.command`, which outlives its connection.
"""
