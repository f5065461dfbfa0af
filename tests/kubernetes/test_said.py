"""What the API says besides: warnings, and refusals that repeat a whole object."""

import base64

import pytest
from lab_process import Lab, Pyinfra

from ops.kubernetes.said import warnings, without_objects

KAFKA = "@kubernetes/kafka/kafkas.v1beta2.kafka.strimzi.io/kafka-cluster"
SECRET = "@kubernetes/kafka/secrets/dedup-lab"


@pytest.mark.parametrize(
    ("headers", "texts"),
    [
        ([], []),
        (['299 - "unknown field \\"a\\""'], ['unknown field "a"']),
        (['299 - "one", 299 - "two"'], ["one", "two"]),
        (['299 kube "one"', '299 - ""'], ["one", ""]),
        (["nothing", '199 - "other"'], []),
    ],
    ids=["none", "quoted", "two in one", "two", "others"],
)
def test_texts_of_warnings(headers: list[str], texts: list[str]) -> None:
    assert warnings(headers) == texts


def test_a_refusal_without_the_object() -> None:
    said = ' "" is invalid: patch: Invalid value: "{\\"a\\":{\\"b\\":\\"c\\"}}": json: cannot'
    assert without_objects(said) == ' "" is invalid: patch: json: cannot'
    said = ' "" is invalid: patch: Invalid value: "map[data:map[a:1]]": cannot convert'
    assert without_objects(said) == ' "" is invalid: patch: cannot convert'
    said = 'spec.schedule: Invalid value: "60 * * * *": end of range'
    assert without_objects(said) == said


def test_a_deprecated_version_is_said_once(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(KAFKA, "fact", "ops.kubernetes.facts.Object")
    assert code == 0, output
    said = "the Kubernetes API warns: Version v1beta2 of the Kafka API is deprecated."
    assert output.count(said) == 1
    assert len([r for r in lab.requests(system="kubernetes") if "v1beta2/" in r["path"]]) >= 1


def test_the_version_that_stays_is_not_warned_of(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(KAFKA.replace(".v1beta2", ""), "fact", "ops.kubernetes.facts.Object")
    assert code == 0, output
    assert "warns" not in output


def test_a_refused_patch_shows_no_data_of_the_secret(lab: Lab, pyinfra: Pyinfra) -> None:
    data = lab.object("Secret", "dedup-lab")["data"]
    deploy = pyinfra.write(
        "from ops.kubernetes import objects\n"
        "objects.patch(name='Set it', patch={'data': {'other': 1}})\n"
    )
    code, output = pyinfra.run(SECRET, deploy, "--dry")
    assert code == 1, output
    assert "422" in output
    assert "cannot unmarshal number" in output
    for value in data.values():
        assert value not in output
        assert base64.b64decode(value).decode() not in output
        assert value[:16] not in output


def test_a_version_that_a_group_of_the_server_lacks(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(
        "@kubernetes/gitlab-runner/cronjobs.v1beta1.batch/runner-tag-enforcer",
        *("fact", "ops.kubernetes.facts.Object", "--data", "may_be_missing=true"),
    )
    assert code == 1, output
    assert "The cluster serves cronjobs of batch as v1" in output
