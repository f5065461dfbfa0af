"""Runners (https://docs.gitlab.com/api/runners/), and the inventory's table of their tags.

`runner` has the runner as its host, `tag_persistence` the installation (`@gitlab`).
"""

from ops.gitlab.runners.inventory import (
    check_names,
    check_removal,
    live_runners,
    name_cause,
    runner_id,
    tag_table,
)
from ops.gitlab.runners.operations import check_tag_removal, mass_wipe, runner, tag_persistence

__all__ = [
    "check_names", "check_removal", "check_tag_removal", "live_runners", "mass_wipe", "name_cause",
    "runner", "runner_id", "tag_persistence", "tag_table",
]  # fmt: skip
