"""The contract of validation: what may not be stored, and in which words that is said."""

from typing import Any

import pytest
from kubernetes_api import MERGE, Space

RBAC = "rbac.authorization.k8s.io/v1"


def cron_job(schedule: str = "* * * * *", name: str = "job", **spec: Any) -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "example"}]}
    return {
        "metadata": {"name": name},
        "spec": {
            "schedule": schedule,
            "jobTemplate": {"spec": {"template": {"spec": pod}}},
            **spec,
        },
    }


GOOD = [
    *("* * * * *", "*/5 * * * *", "0,30 8-18 * * 1-5", "@hourly", "0 0 * * MON", "? * * * *"),
    *("0 0 1 JAN *", "@every 1h30m", "@daily", "5-10/2 * * * *", "0 0 * * sun-tue"),
]
BAD = [
    *("60 * * * *", "0 0 * * 7", "*/0 * * * *", "* * * *", "* * * * * *", "a * * * *"),
    *(
        "10-5 * * * *",
        "@sometimes",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 * 13 *",
        "-1 * * * *",
        "1- * * * *",
    ),
]


@pytest.mark.parametrize("schedule", GOOD)
def test_a_schedule(space: Space, schedule: str) -> None:
    made = space.made("batch/v1/cronjobs", cron_job(schedule))
    assert made["spec"]["schedule"] == schedule


@pytest.mark.parametrize("schedule", BAD)
def test_a_wrong_schedule(space: Space, schedule: str) -> None:
    answer = space.create("batch/v1/cronjobs", cron_job(schedule))
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueInvalid", "spec.schedule")]
    assert answer.message.startswith(
        f'CronJob.batch "job" is invalid: spec.schedule: Invalid value: "{schedule}": '
    )
    space.made("batch/v1/cronjobs", cron_job())
    patch = {"spec": {"schedule": schedule}}
    answer = space.patch("batch/v1/cronjobs", "job", patch, MERGE, dryRun="All")
    assert answer.refusal == (422, "Invalid")


# the words after `Invalid value: "…": `
WORDS = {
    "60 * * * *": "end of range (60) above maximum (59): 60",
    "0 0 * * 7": "end of range (7) above maximum (6): 7",
    "*/0 * * * *": "step of range should be a positive number: */0",
    "* * * *": "expected exactly 5 fields, found 4: [* * * *]",
    "a * * * *": 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax',
    "10-5 * * * *": "beginning of range (10) beyond end of range (5): 10-5",
    "@sometimes": "unrecognized descriptor: @sometimes",
    "0 0 0 * *": "beginning of range (0) below minimum (1): 0",
}


@pytest.mark.parametrize("schedule", WORDS)
def test_the_words_about_a_schedule(space: Space, schedule: str) -> None:
    answer = space.create("batch/v1/cronjobs", cron_job(schedule))
    assert answer.message.endswith(f'Invalid value: "{schedule}": {WORDS[schedule]}')


JOBS: dict[str, tuple[dict[str, Any], str, str]] = {
    "time zone": (cron_job(timeZone="Mars/Base"), "FieldValueInvalid", "spec.timeZone"),
    "policy": (
        cron_job(concurrencyPolicy="Maybe"),
        "FieldValueNotSupported",
        "spec.concurrencyPolicy",
    ),
    "name": (cron_job(name="a" * 53), "FieldValueInvalid", "metadata.name"),
    "deadline": (
        cron_job(startingDeadlineSeconds=-1),
        "FieldValueInvalid",
        "spec.startingDeadlineSeconds",
    ),
}


@pytest.mark.parametrize("case", JOBS)
def test_a_wrong_cron_job(space: Space, case: str) -> None:
    document, reason, field = JOBS[case]
    answer = space.create("batch/v1/cronjobs", document)
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [(reason, field)]


def test_a_name_of_52_characters(space: Space) -> None:
    space.made("batch/v1/cronjobs", cron_job(name="a" * 52))


def test_the_defaults_of_a_cron_job(space: Space) -> None:
    spec = space.made("batch/v1/cronjobs", cron_job())["spec"]
    assert (spec["suspend"], spec["concurrencyPolicy"]) == (False, "Allow")
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 1)


def test_suspend_wants_a_boolean(space: Space) -> None:
    space.made("batch/v1/cronjobs", cron_job())
    answer = space.patch("batch/v1/cronjobs", "job", {"spec": {"suspend": "yes"}}, MERGE)
    assert answer.refusal == (422, "Invalid")


LARGE = 2**20


def test_a_config_map_has_a_mebibyte_at_most(space: Space) -> None:
    space.made("configmaps", {"metadata": {"name": "full"}, "data": {"a": "x" * LARGE}})
    document = {"metadata": {"name": "over"}, "data": {"a": "x" * (LARGE + 1)}}
    answer = space.create("configmaps", document)
    assert answer.refusal == (422, "Invalid")
    assert answer.message == (
        'ConfigMap "over" is invalid: []: Too long: may not be more than 1048576 bytes'
    )


def test_a_request_has_three_mebibytes_at_most(space: Space) -> None:
    document = {"metadata": {"name": "over"}, "data": {"a": "x" * (3 * LARGE)}}
    answer = space.create("configmaps", document)
    assert answer.refusal == (413, "RequestEntityTooLarge")


def test_annotations_have_256_kibibytes_at_most(space: Space) -> None:
    document = {"metadata": {"name": "a", "annotations": {"a": "x" * (256 * 1024)}}}
    answer = space.create("configmaps", document)
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueTooLong", "metadata.annotations")]


def test_what_is_immutable(space: Space) -> None:
    document = {"metadata": {"name": "fixed"}, "data": {"a": "1"}, "immutable": True}
    for plural in ("configmaps", "secrets"):
        data = {"a": "MQ=="} if plural == "secrets" else {"a": "1"}
        space.made(plural, {**document, "data": data})
        answer = space.patch(plural, "fixed", {"data": {"a": "Mg=="}}, MERGE)
        assert answer.refusal == (422, "Invalid")
        assert answer.causes == [("FieldValueForbidden", "data")]
        answer = space.patch(plural, "fixed", {"immutable": False}, MERGE)
        assert answer.causes == [("FieldValueForbidden", "immutable")]
        labelled = space.patch(plural, "fixed", {"metadata": {"labels": {"a": "b"}}}, MERGE)
        assert labelled.status == 200


@pytest.mark.parametrize("key", ["a b", "ä", "", "..", "x" * 254])
def test_a_wrong_key(space: Space, key: str) -> None:
    answer = space.create("configmaps", {"metadata": {"name": "a"}, "data": {key: "1"}})
    assert answer.refusal == (422, "Invalid")


@pytest.mark.parametrize("labels", [{"a b": "c"}, {"a": "b c"}, {"a": "-"}, {"a": "x" * 64}])
def test_a_wrong_label(space: Space, labels: dict[str, str]) -> None:
    answer = space.create("configmaps", {"metadata": {"name": "a", "labels": labels}})
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueInvalid", "metadata.labels")]


def test_data_of_a_secret(space: Space) -> None:
    made = space.made("secrets", {"metadata": {"name": "a"}, "stringData": {"k": "v"}})
    assert (made["data"], made["type"]) == ({"k": "dg=="}, "Opaque")
    assert "stringData" not in made
    answer = space.create("secrets", {"metadata": {"name": "b"}, "data": {"k": "?"}})
    assert answer.refusal == (400, "BadRequest")
    answer = space.patch("secrets", "a", {"data": {"k": "?"}}, MERGE)
    assert answer.refusal[0] in (400, 422)


ROLE = {"metadata": {"name": "reader"}}
RULES: dict[str, tuple[dict[str, Any], str]] = {
    "verbs": ({"apiGroups": [""], "resources": ["pods"]}, "rules[0].verbs"),
    "groups": ({"resources": ["pods"], "verbs": ["get"]}, "rules[0].apiGroups"),
    "resources": ({"apiGroups": [""], "verbs": ["get"]}, "rules[0].resources"),
}


@pytest.mark.parametrize("case", RULES)
def test_a_rule_that_lacks_something(space: Space, case: str) -> None:
    rule, field = RULES[case]
    answer = space.create(f"{RBAC}/roles", {**ROLE, "rules": [rule]})
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueRequired", field)]


BINDING = {
    "metadata": {"name": "readers"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
    "subjects": [{"kind": "ServiceAccount", "name": "jobs", "namespace": "default"}],
}


def test_the_role_of_a_binding_stays(space: Space) -> None:
    space.made(f"{RBAC}/rolebindings", BINDING)
    patch = {"roleRef": {"name": "writer"}}
    answer = space.patch(f"{RBAC}/rolebindings", "readers", patch, MERGE)
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueInvalid", "roleRef")]
    why = "cannot change roleRef" if space.api.is_old else "field is immutable"
    assert answer.message == (
        'RoleBinding.rbac.authorization.k8s.io "readers" is invalid: roleRef: Invalid value:'
        f' {{"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"writer"}}: {why}'
    )


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "role": ({"roleRef": {**BINDING["roleRef"], "kind": "Pod"}}, "roleRef.kind"),
    "subject": ({"subjects": [{"kind": "Robot", "name": "x"}]}, "subjects[0].kind"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_binding(space: Space, case: str) -> None:
    change, field = WRONG[case]
    answer = space.create(f"{RBAC}/rolebindings", {**BINDING, **change})
    assert answer.refusal == (422, "Invalid")
    assert ("FieldValueNotSupported", field) in answer.causes


def test_a_service_account_needs_no_namespace_in_a_binding(space: Space) -> None:
    subject = {"kind": "ServiceAccount", "name": "jobs"}
    made = space.made(f"{RBAC}/rolebindings", {**BINDING, "subjects": [subject]})
    assert made["subjects"] == [subject]


def test_no_rules_are_null(space: Space) -> None:
    for name, rules in (("a", None), ("b", [])):
        document = {"metadata": {"name": name}, "rules": rules}
        assert space.made(f"{RBAC}/roles", document)["rules"] is None


BUDGET = {"metadata": {"name": "budget"}}
SELECTOR = {"selector": {"matchLabels": {"app": "web"}}}


@pytest.mark.parametrize(
    "spec",
    [{"minAvailable": 1, "maxUnavailable": 1}, {"minAvailable": "many"}, {"minAvailable": -1}],
    ids=["both", "a word", "below 0"],
)
def test_a_wrong_budget(space: Space, spec: dict[str, Any]) -> None:
    answer = space.create(
        "policy/v1/poddisruptionbudgets", {**BUDGET, "spec": {**SELECTOR, **spec}}
    )
    assert answer.refusal == (422, "Invalid")
