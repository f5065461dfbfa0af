"""Maintenance windows of this site: what is configured, who asks, and how it is explained.

configured    the settings as rules, with calendars and freeze periods as they are now
guard         what asks before each change (`ops.api.guards`)
explanation   `deploys/windows.py`: open or closed, why, and when next
"""
