"""What every system shares: operations and their preview, differences, secrets, settings.

Nothing here talks to a network.
"""
