"""When a job may change something: pure rules, without a clock, a network and a host.

cron      the one grammar of times that come again
zone      zones, out of the pinned zone data, and the one rule for a wall time
span      the common form of all that allows and denies
window    windows and dates
decision  open until when, or closed because of what and until when
"""
