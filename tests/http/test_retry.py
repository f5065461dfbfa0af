"""Requests that are sent again: Retry-After, an overall deadline, answers that were lost."""

import time
from email.utils import formatdate

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT

VERSION = ("@gitlab", "exec", "--", "GET", "/version")
CRON_JOB = "@kubernetes/gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer"
PATH = "/apis/batch/v1/namespaces/gitlab-runner/cronjobs/runner-tag-enforcer"


def limited(lab: Lab, system: str, seconds: str, **fault: object) -> None:
    lab.fault(
        system=system,
        action="status",
        status=429,
        headers={"Retry-After": seconds},
        body="Retry later",
        **fault,
    )


def test_retry_after_is_obeyed(lab: Lab, pyinfra: Pyinfra) -> None:
    limited(lab, "gitlab", "2", path="/version$")
    code, output = pyinfra.run(*VERSION)
    assert code == 0, output
    first, second = [r["time"] for r in lab.requests(system="gitlab")][:2]
    assert 2 <= second - first < 30  # and not until the deadline, which is at 120 s


def test_retry_after_may_be_a_date(lab: Lab, pyinfra: Pyinfra) -> None:
    limited(lab, "gitlab", formatdate(time.time() + 3600, usegmt=True), path="/version$")
    code, output = pyinfra.run(*VERSION)
    assert code == 1
    assert "GET /version -> 429 Too Many Requests" in output
    assert len(lab.requests(system="gitlab")) == 1  # An hour is beyond the deadline.


def test_a_wait_beyond_the_deadline_is_not_begun(lab: Lab, pyinfra: Pyinfra) -> None:
    limited(lab, "gitlab", "3600", path="/version$")
    began = time.monotonic()
    code, output = pyinfra.run(*VERSION)
    assert code == 1
    assert "GET /version -> 429 Too Many Requests" in output
    assert time.monotonic() - began < LIMIT  # It is told to wait for an hour.
    assert len(lab.requests(system="gitlab")) == 1


def test_a_write_that_was_limited_is_sent_again(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600)
    limited(lab, "gitlab", "1", method="PUT", path="/runners/17$")
    code, output = pyinfra.deploy("fix_tags", "-y", "--limit", "@gitlab/runners/17")
    assert code == 0, output
    puts = [r["status"] for r in lab.requests(system="gitlab") if r["method"] == "PUT"]
    assert puts == [429, 200]


@pytest.mark.parametrize("status", [500, 503])
def test_a_write_that_failed_is_not_sent_again(lab: Lab, pyinfra: Pyinfra, status: int) -> None:
    lab.fault(system="gitlab", method="PUT", path="/17$", action="status", status=status)
    code, output = pyinfra.deploy("fix_tags", "-y", "--limit", "@gitlab/runners/17")
    assert code == 1
    assert f"PUT /runners/17 -> {status}" in output
    assert "reading again shows that it was not done" in output
    assert lab.mutations() == ["PUT /api/v4/runners/17"]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_write_that_a_gateway_has_given_up_was_done(
    lab: Lab, pyinfra: Pyinfra, status: int
) -> None:
    lab.fault(action="set", loss_delay=3600)
    lab.fault(system="gitlab", method="PUT", path="/17$", action="apply_then_status", status=status)
    code, output = pyinfra.deploy("fix_tags", "-y", "--limit", "@gitlab/runners/17")
    assert code == 0, output
    assert f"PUT /runners/17 -> {status}" in output
    assert "but it was done (read again)" in output
    assert lab.mutations() == ["PUT /api/v4/runners/17"]


def test_where_reading_again_fails_too_nothing_is_claimed(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="gitlab", method="PUT", path="/17$", action="apply_then_status", status=502)
    lab.fault(
        system="gitlab", method="GET", path="/17$", action="status", status=503, times=-1,
        after="PUT .*/17$",
    )  # fmt: skip
    settings = ("--data", "gitlab_deadline=1", "--limit", "@gitlab/runners/17")
    code, output = pyinfra.deploy("fix_tags", "-y", *settings)
    assert code == 1
    assert "Reading again gave 503, so it is unknown whether that was done" in output
    assert "was not done" not in output


def test_the_deadline_holds_for_all_attempts(lab: Lab, pyinfra: Pyinfra) -> None:
    """The second attempt may wait longer than that, so it is the deadline that ends it."""
    lab.fault(system="gitlab", path="/version$", action="status", status=503, times=1)
    lab.fault(system="gitlab", path="/version$", action="timeout", seconds=120, times=-1)
    settings = ("--data", "gitlab_timeout=110", "--data", "gitlab_deadline=10")
    began = time.monotonic()
    code, output = pyinfra.run("@gitlab", "exec", *settings, "--", "GET", "/version")
    elapsed = time.monotonic() - began
    assert code == 1
    assert "GET /version -> no whole answer in 10 s" in output
    assert len(lab.requests(system="gitlab")) == 2
    assert elapsed < 110  # The second one alone would take as long without a limit.


def test_kubernetes_is_asked_again_when_it_says_so(lab: Lab, pyinfra: Pyinfra) -> None:
    limited(lab, "kubernetes", "1", path="/cronjobs/")
    code, output = pyinfra.run(CRON_JOB, "exec", "--data", "kubernetes_via=", "--", "GET", PATH)
    assert code == 0, output
    assert [r["status"] for r in lab.requests(system="kubernetes")][:2] == [429, 200]


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("apply_then_hang", 0),
        ("apply_then_reset", 0),
        ("apply_then_status", 500),
        ("apply_then_status", 502),
        ("apply_then_status", 504),
    ],
)
def test_a_patch_whose_answer_was_lost_was_done(
    lab: Lab, pyinfra: Pyinfra, action: str, status: int
) -> None:
    lab.fault(
        system="kubernetes", method="PATCH", path="/cronjobs/", action=action, seconds=5,
        status=status, mutating=True,
    )  # fmt: skip
    settings = ("--data", "kubernetes_via=", "--data", "kubernetes_timeout=1")
    text = """
from ops.kubernetes import objects
objects.patch(name="Suspend", patch={"spec": {"suspend": True}})
"""
    code, output = pyinfra.run(CRON_JOB, pyinfra.write(text), "-y", *settings)
    assert code == 0, output
    assert lab.enforcer()[1] is True
    assert "but it was done (read again)" in output
    assert len(lab.mutations()) == 1


def test_a_reset_before_the_write_was_done_is_told_apart(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="gitlab", method="PUT", path="/17$", action="reset")
    code, output = pyinfra.deploy("fix_tags", "-y", "--limit", "@gitlab/runners/17")
    assert code == 1
    assert "reading again shows that it was not done" in output
    code, output = pyinfra.deploy("fix_tags", "-y", "--limit", "@gitlab/runners/17")
    assert code == 0, output
