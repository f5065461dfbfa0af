"""What the tests of fix_tags with faults share."""

from lab_process import Lab, Pyinfra
from moments import RELAXED, TAGS


def converges(lab: Lab, pyinfra: Pyinfra, *arguments: str) -> str:
    """Run once more and assert the end: tags, enforcer, and that the migration ran exactly once."""
    code, output = pyinfra.deploy("fix_tags", "-y", *arguments)
    assert code == 0, output
    assert lab.tags() == TAGS
    assert lab.enforcer() == RELAXED
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]
    sent = len(lab.mutations())
    code, last = pyinfra.deploy("fix_tags", "-y", *arguments)
    assert code == 0, last
    assert len(lab.mutations()) == sent
    return output
