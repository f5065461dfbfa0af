"""Whether a pause was left: a mark counts for a minute beyond the wait for the next pod."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from socket import gethostname

import pytest

from ops.site.experiment.pause_mark import Mark
from ops.site.experiment.runner_pause import is_alive, own_mark


def ago(seconds: float) -> str:
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    return since.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_own_mark_is_this_process_in_utc() -> None:
    mark = own_mark()
    assert (mark.host, mark.pid) == (gethostname(), os.getpid())
    assert abs(datetime.now(UTC) - datetime.fromisoformat(mark.since)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("seconds", "alive"), [(0, True), (50, True), (70, False), (-50, True), (-9999, False)]
)
def test_a_run_on_another_host_counts_as_alive_while_its_mark_is_young(
    seconds: float, alive: bool
) -> None:
    assert is_alive(Mark("anna", "her-laptop", 1, ago(seconds)), 0) is alive


def test_a_run_on_this_host_is_alive_while_its_process_is_there_and_its_mark_young() -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleep) as process:
        assert is_alive(Mark("anna", gethostname(), process.pid, ago(0)), 0)
        assert not is_alive(Mark("anna", gethostname(), process.pid, ago(70)), 0)
        process.kill()
    assert not is_alive(Mark("anna", gethostname(), process.pid, ago(0)), 0)
    assert is_alive(Mark("anna", "her-laptop", process.pid, ago(0)), 0)


def test_what_this_process_has_left_itself_is_not_of_another_run() -> None:
    assert not is_alive(own_mark(), 0)
