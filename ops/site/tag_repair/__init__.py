"""The repair of the runner tags (GitLab issue 524402), and the tag enforcer.

Operations, on the host that is named: `migration.rerun` (toolbox), `migration.record` (enforcer).
"""

from ops.site.tag_repair import migration
from ops.site.tag_repair.proof import is_proven, proof_name, proof_text
from ops.site.tag_repair.repair import advice, enforcer_script, repair_database
from ops.site.tag_repair.situation import SCRIPT_KEY, can_prove, situation

__all__ = [
    "SCRIPT_KEY", "advice", "can_prove", "enforcer_script", "is_proven", "migration", "proof_name",
    "proof_text", "repair_database", "situation",
]  # fmt: skip
