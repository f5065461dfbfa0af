"""SSH as ssh_config says it: one client for pyinfra's own connections and for the tunnel.

pyinfra 3.10 accepts and stores unknown host keys, whatever ssh_config says; this one refuses them.
"""
