"""What all runners have in common; each one's tags are in inventory.py."""

# Approval to take away a tag that a runner has, for one run: --data allow_tag_removal=true
allow_tag_removal = False
