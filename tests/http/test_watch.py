"""A long wait shows that it goes on, also where nobody sits at a terminal."""

import re

import pytest
from lab_process import Lab, Pyinfra

SETTINGS = ("tag_verification_seconds=20", "tag_verification_interval=0.5")


@pytest.mark.long
def test_a_wait_gives_a_sign_of_life_every_ten_seconds(lab: Lab, pyinfra: Pyinfra) -> None:
    settings = (*SETTINGS, f"snapshot_directory={pyinfra.directory}")
    data = [part for setting in settings for part in ("--data", setting)]
    output, seen_while_it_ran = "", False
    with pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", *data) as process:
        assert process.stdout is not None
        for line in process.stdout:
            output += line
            if re.search(
                r"\d\d:\d\d:\d\d \S+, 1\d of 20 s: runners that lost tags so far: 0", line
            ):
                # It is of use only if it is printed at once, and not at the end out of a buffer.
                seen_while_it_ran = process.poll() is None
    assert process.returncode == 0, output
    assert seen_while_it_ran, output
    assert "\x1b" not in output
