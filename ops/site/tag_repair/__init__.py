"""The repair of the runner tags (GitLab issue 524402), and the tag enforcer.

Operations, on the host that is named: `migration.rerun` (toolbox), `migration.record` (enforcer).
"""

from ops.site.tag_repair.proof import conclude, is_proven
from ops.site.tag_repair.repair import advice, enforcer_script, repair_database
from ops.site.tag_repair.situation import SCRIPT_KEY, can_prove, situation

__all__ = [
    "SCRIPT_KEY", "advice", "can_prove", "conclude", "enforcer_script", "is_proven",
    "repair_database", "situation",
]  # fmt: skip
