"""What the proof of fix_tags rests on is compared again: what somebody changed since is named."""

import copy
from typing import Any

from cluster import Cluster
from lab_process import Lab, Pyinfra

SCRIPT = ("configmaps", "gitlab-runner", "runner-tag-enforcer-script")
PROVEN, NOT = "proven before, nothing to do", "proven before, but not any more as it is: "
RECORD, PROOF = "gitlab.comdare.de/migration-requeue", "gitlab.comdare.de/tag-proof"


def of_container(**changes: Any) -> Any:
    def changed(cron_job: dict[str, Any]) -> dict[str, Any]:
        spec = copy.deepcopy(cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"])
        spec["containers"][0].update(changes)
        return {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}

    return changed


def note(name: str) -> Any:
    return lambda cron_job: {"metadata": {"annotations": {name: None}}}


OF_CRON_JOB = {
    "the enforcer's image changed since the proof": of_container(image="curl:other"),
    "the enforcer's command changed since the proof": of_container(command=["true"]),
    "the enforcer's environment changed since the proof": of_container(
        env=[{"name": name, "value": "x"} for name in ("GITLAB_URL", "GITLAB_TOKEN")]
    ),
    "the enforcer's CronJob sets no variable GITLAB_URL": of_container(env=[]),
    "the enforcer's volumes changed since the proof": of_container(
        volumeMounts=[{"name": "script", "mountPath": "/script"}]
    ),
    "no migration of the repair is recorded as finished": note(RECORD),
    "what the proof rested on is not recorded": note(PROOF),
}


def seen(pyinfra: Pyinfra) -> str:
    _, output = pyinfra.deploy("fix_tags", "--dry")
    assert "Traceback" not in output
    return output


def test_each_part_that_somebody_changed_is_named(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert PROVEN in seen(pyinfra)
    good = lab.object("CronJob", "runner-tag-enforcer")
    for words, change in OF_CRON_JOB.items():
        patch = change(good)
        lab.fault(action="patch_object", kind="CronJob", patch=patch)
        output = seen(pyinfra)
        assert f"{NOT}{words}" in output
        assert PROVEN not in output
        annotations = good["metadata"]["annotations"]
        back = {"metadata": {"annotations": annotations}, "spec": good["spec"]}
        lab.fault(action="patch_object", kind="CronJob", patch=back)
        assert PROVEN in seen(pyinfra), words


def test_a_script_that_somebody_emptied_is_written_and_proven_anew(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    """Once the job said that there is nothing to do, and the enforcer enforced nothing."""
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    good = lab.object("ConfigMap", SCRIPT[2])["data"]["enforce.sh"]
    for text in ("#!/bin/sh\n", good.replace("set_tags 17", "# set_tags 17"), None):
        cluster.patch(*SCRIPT, {"data": {"enforce.sh": text}})
        output = seen(pyinfra)
        assert f"{NOT}the enforcer's script in the ConfigMap is not the one of the inv" in output
        assert "Write the enforcer's script" in output
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert "all tags of 12 runners lasted for" in output
    assert lab.object("ConfigMap", SCRIPT[2])["data"]["enforce.sh"] == good
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]
    assert PROVEN in seen(pyinfra)
