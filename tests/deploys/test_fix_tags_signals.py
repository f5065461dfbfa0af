"""deploys/fix_tags.py: signals, the scripts that it writes, and what a preview shows."""

import base64
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import ALERT, ENDLESS_PROOF, TAGS, is_proving, wait_for
from pipeline_site import now, sent

from ops.site.tag_repair.repairs import REPAIRS


def test_a_closed_terminal_puts_the_enforcer_back(lab: Lab, pyinfra: Pyinfra) -> None:
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
    code, output = pyinfra.deploy(*arguments, "--dry", "-v")
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
    told = "[@gitlab/runners/17] since the preview its state has changed: "
    shown = "tag_list: {kubernetes} -> {experiment, kubernetes}"
    preview, _, run = output.partition(", as shown above?")
    assert shown not in preview
    assert f"{told}{shown}" in run
    assert run.count("since the preview") == 1
