"""How long tests wait for what comes sooner or later."""

# Seconds. A wait ends as soon as what it waits for is observed, so nobody waits that long where the
# tests are good; a machine with much else to do may be twenty times as slow.
LIMIT = 480
