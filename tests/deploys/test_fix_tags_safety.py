"""deploys/fix_tags.py: what is refused before the first write, and what proves nothing."""

import base64
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import ALERT, ENDLESS_PROOF, RELAXED, TAGS, is_proving, is_ready, wait_for
from pipeline_site import now, sent

from ops.site.tag_repair.repairs import REPAIRS

HOLD = ("--data", "tag_verification_seconds=9", "--data", "tag_verification_interval=0.5")
BACKGROUND = "/admin/batched_background_migrations"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("tag_repair=requeu", "tag_repair is requeue, force-copy or none, not 'requeu'"),
        ("allow_tag_removal=maybe", "allow_tag_removal is true or false, not 'maybe'"),
        ("rerun_migration=1", "rerun_migration is true or false, not '1'"),
        (
            "tag_verification_seconds=5m",
            "tag_verification_seconds is a number greater than 0, not '5m'",
        ),
        (
            "tag_verification_interval=0",
            "tag_verification_interval is a number greater than 0, not '0'",
        ),
        ("migration_timeout=abc", "migration_timeout is a number greater than 0, not 'abc'"),
        ("enforcer_token_variable=TOKEN", "sets no variable TOKEN"),
        ("enforcer_ca_file=/no/such/file", "enforcer_ca_file cannot be read"),
    ],
)
def test_bad_settings_are_refused_before_the_first_write(
    lab: Lab, pyinfra: Pyinfra, data: str, message: str
) -> None:
    code, output = pyinfra.deploy("fix_tags", "-y", "--data", data)
    assert code == 1
    assert message in output
    assert "Traceback" not in output
    assert lab.mutations() == []


def test_the_version_is_refused_before_the_first_write(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", gitlab_version="17.10.1")
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "17.10.1 has other tables" in output
    assert "Traceback" not in output
    assert lab.mutations() == []


def test_a_removal_is_refused_before_the_first_write(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=17, tags=["extra"])
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "this would take away {extra}" in output
    assert lab.mutations() == []


def test_a_runner_with_another_name_is_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="describe_runner", runner=17, description="another")
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "@gitlab/runners/17 is 'another' in GitLab, and 'k8s-runner-4' in the" in output
    assert lab.mutations() == []


def test_two_runners_with_one_name_are_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="register_runner", runner=99, description="k8s-runner-4")
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "runners [17, 99] are all called 'k8s-runner-4'" in output
    assert lab.mutations() == []


def test_an_error_while_executing_is_one_line(lab: Lab, pyinfra: Pyinfra) -> None:
    forbidden = {"message": "403 Forbidden"}
    lab.fault(
        system="gitlab", method="GET", path="/runners/9$", action="status", status=403,
        body=forbidden, times=-1,
    )  # fmt: skip
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "@gitlab/runners/9: its state could not be read" in output
    assert "Traceback" not in output
    assert lab.enforcer() == ALERT


def test_an_enforcer_that_was_resumed_meanwhile_refutes_the_proof(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    # Far more than what passes between two fires, on a busy machine, too.
    lab.fault(action="set", repair_works=False, loss_delay=7)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", *HOLD)
    wait_for(lambda: lab.enforcer()[1])
    lab.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": False}})
    output = None
    while output is None:
        lab.fault(action="fire_cronjob")
        with suppress(subprocess.TimeoutExpired):
            output, _ = process.communicate(timeout=0.3)
    assert process.returncode == 1, output
    assert "somebody changed the CronJob while it was to be suspended" in output
    assert lab.enforcer() == ALERT


def test_a_migration_that_did_not_end_is_no_proven_state(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", rake_up=3)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: lab.rake("down"))
    lab.fault(action="replace_pod", pod="toolbox")
    process.communicate(timeout=LIMIT)
    # By hand, somebody makes it look as if all was done.
    lab.fault(action="set", loss_delay=3600)
    for number, tags in TAGS.items():
        lab.fault(action="set_tags", runner=number, tags=sorted(tags))
    relaxed = {"spec": {"schedule": RELAXED[0], "suspend": RELAXED[1]}}
    lab.fault(action="patch_object", kind="CronJob", patch=relaxed)
    assert lab.state()["gitlab"]["migrations"]["20241219100359"] == "down"
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert lab.state()["gitlab"]["migrations"]["20241219100359"] == "up"
    assert lab.rake("up")


def test_the_migration_runs_again_when_that_is_asked_for(lab: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.deploy("fix_tags", "-y")
    code, output = pyinfra.deploy("fix_tags", "-y", "--data", "rerun_migration=true")
    assert code == 0, output
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [2, 2]


def test_another_background_migration_proves_nothing(lab: Lab, pyinfra: Pyinfra) -> None:
    """An older GitLab ignores the filter by class, and answers with migrations of others."""
    lab.fault(action="set", rake_boot=3)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: lab.mutations())
    process.kill()
    process.communicate()
    lab.fault(action="replace_pod", pod="toolbox")
    wait_for(lambda: is_ready(lab, "gitlab-toolbox"))
    other = {"id": 99, "job_class_name": "Other", "created_at": "2099-01-01T00:00:00.000Z"}
    lab.fault(
        system="gitlab", method="GET", path=BACKGROUND, action="status", status=200, body=[other],
        times=-1,
    )  # fmt: skip
    lab.fault(action="set", rake_boot=0.3)
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]


@pytest.fixture
def hangup() -> Iterator[None]:
    """Have SIGHUP reach what is started, also where nohup has started the tests."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_a_closed_terminal_puts_the_enforcer_back(lab: Lab, pyinfra: Pyinfra, hangup: None) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab))
    process.send_signal(signal.SIGHUP)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + signal.SIGHUP, output
    assert lab.enforcer() == ALERT


def test_a_second_interrupt_does_not_break_off_what_puts_back(lab: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab))
    lab.fault(
        system="kubernetes", method="PATCH", path="/cronjobs/", action="status", status=503, times=2
    )
    before = now(lab)
    process.send_signal(signal.SIGINT)
    wait_for(lambda: "/cronjobs/" in str(sent(lab, before)))
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + signal.SIGINT, output
    assert "put back" in output
    assert lab.enforcer() == ALERT


def test_an_interrupt_during_the_migration_is_no_success(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", rake_down=3)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: any("down" in call["task"] for call in lab.state()["rake"]))
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + signal.SIGINT, output


def test_the_enforcer_script_trusts_the_certificate_of_gitlab(lab: Lab, pyinfra: Pyinfra) -> None:
    """The script that the deploy wrote, run as the CronJob would, with the real curl."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed here; CI installs it")
    pyinfra.deploy("fix_tags", "-y")
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="lose_tags", runners="all")
    script = lab.object("ConfigMap", "runner-tag-enforcer-script")["data"]["enforce.sh"]
    done = subprocess.run(
        ["sh", "-c", script],
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "GITLAB_URL": lab.environment["GITLAB_URL"],
            "GITLAB_TOKEN": lab.environment["GITLAB_TOKEN"],
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert lab.tags() == TAGS


RAKE = """#!/bin/sh
# A gitlab-rake with one migration, whose state is in a file; $0.down and $0.up say how it fails.
state=$(cat "$0.state")
case $1 in
db:migrate:status) echo "   $state     20241219100359  Requeue" ;;
db:migrate:down) echo down >"$0.state"; [ ! -e "$0.down" ] || exit 137; echo "reverted (0.1s)" ;;
db:migrate:up)
    if [ -e "$0.up" ]; then echo "up broke" >&2; exit 1; fi
    echo up >"$0.state"; echo "migrated (0.1s)" ;;
esac
"""


@pytest.fixture
def rake(pyinfra: Pyinfra) -> str:
    directory = pyinfra.directory / "rails" / "db" / "post_migrate"
    directory.mkdir(parents=True)
    (directory / f"20241219100359_{REPAIRS['requeue'].name}.rb").touch()
    program = pyinfra.directory / "gitlab-rake"
    program.write_text(RAKE)
    program.chmod(0o755)
    (pyinfra.directory / "gitlab-rake.state").write_text("up\n")
    return str(program)


def run_script(rake: str) -> tuple[int, str]:
    directory = rake.rpartition("/")[0]
    done = subprocess.run(
        ["sh", "-c", REPAIRS["requeue"].script(f"{directory}/rails")],
        env={"PATH": f"{directory}:/usr/bin:/bin", "REPAIR_PAUSE": "0"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def test_the_script_goes_up_although_down_failed_after_it_had_reverted(rake: str) -> None:
    Path(f"{rake}.down").touch()
    code, output = run_script(rake)
    assert code == 0
    assert "migration 20241219100359 is down" in output
    assert Path(f"{rake}.state").read_text() == "up\n"


def test_the_script_says_loudly_that_the_migration_is_down(rake: str) -> None:
    Path(f"{rake}.up").touch()
    code, output = run_script(rake)
    assert code == 5
    assert "THE MIGRATION IS DOWN" in output
    assert "gitlab-rake db:migrate:up VERSION=20241219100359" in output


def test_secrets_of_kubernetes_are_shown_as_fingerprints(lab: Lab, pyinfra: Pyinfra) -> None:
    secret = base64.b64encode(b"old-canary-4711").decode()
    document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "example", "namespace": "gitlab"},
        "data": {"key": secret},
    }
    lab.fault(action="create_object", document=document)
    host = "@kubernetes/gitlab/secrets/example"
    text = """
from ops.kubernetes import objects
from ops.api.secret import Secret
objects.patch(name="Set", patch={"data": {"key": Secret("bmV3LWNhbmFyeS00NzEx")}})
"""
    direct = ("--data", "kubernetes_via=")
    code, output = pyinfra.run(host, pyinfra.write(text), "--dry", *direct)
    assert code == 0, output
    assert "data.key: secret:" in output
    _, fact = pyinfra.run(host, "fact", "ops.kubernetes.facts.Object", *direct)
    assert '"key": "secret:' in fact
    _, sent = pyinfra.run(host, pyinfra.write(text), "-y", "-vvv", *direct)
    assert lab.object("Secret", "example")["data"]["key"] == "bmV3LWNhbmFyeS00NzEx"
    for shown in (output, fact, sent):
        assert secret not in shown
        assert "bmV3LWNhbmFyeS00NzEx" not in shown
    code, output = pyinfra.run(host, pyinfra.write(text), "--dry", *direct, "-v")
    assert "the object already is as wanted" in output


def test_the_preview_shows_the_others_when_one_runner_cannot_be_read(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    """All runners come from one query; where that fails, each host asks for itself."""

    def break_one_read() -> None:
        lab.fault(system="gitlab", path="/api/graphql", action="status", status=503, times=5)
        lab.fault(system="gitlab", path="/runners/9$", action="status", status=503, times=-1)

    arguments = ("fix_tags", "--limit", "runners")
    break_one_read()
    code, output = pyinfra.deploy(*arguments, "--dry")
    assert code == 1
    assert "GET /runners/9 -> 503" in output
    for number in set(TAGS) - {9}:
        assert f"[@gitlab/runners/{number}] would PUT /runners/{number} " in output
    assert "would PUT /runners/9 " not in output
    break_one_read()
    code, output = pyinfra.deploy(*arguments, "-y")
    assert code == 1
    assert lab.mutations() == []


def test_what_has_changed_since_the_preview_is_shown_when_it_is_sent(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=17, tags=["experiment", "kubernetes"])

    def somebody_changes_it() -> None:
        lab.fault(action="set_tags", runner=17, tags=["kubernetes"])

    code, output = run_confirmed(pyinfra, "fix_tags", somebody_changes_it, "--limit", "runners")
    assert code == 0, output
    told = "[@gitlab/runners/17] since the preview its state has changed"
    shown = "[@gitlab/runners/17] tag_list: {kubernetes} -> {experiment, kubernetes}"
    preview, _, run = output.partition(", as shown above?")
    assert shown not in preview
    assert told in run
    assert shown in run
    assert run.count("since the preview") == 1
