"""When a job may change something: pure rules, without a clock, a network and a host.

cron             the one grammar of times that come again
zone             zones, out of the pinned zone data, and the one rule for a wall time
span             the common form of all that allows and denies
window           windows and dates
calendar         iCalendar files, whose events deny
calendar_events  what an event may have
freeze           deploy freeze periods of GitLab
rails_zones      names of zones that GitLab takes besides those of IANA
outlook          what is allowed next, and what is left of it
decision         open until when, or closed because of what and until when
"""
