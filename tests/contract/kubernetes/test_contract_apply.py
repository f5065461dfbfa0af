"""The contract of server-side apply: owners, conflicts, force."""

from typing import Any

from kubernetes_api import APPLY, MERGE, Answer, Space

RBAC = "rbac.authorization.k8s.io/v1"
RULES = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]


def config_map(**data: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings"},
        "data": data,
    }


def apply(space: Space, manager: str, document: Any, **query: Any) -> Answer:
    query = {"fieldManager": manager, **query}
    return space.patch("configmaps", "settings", document, APPLY, **query)


def owners(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {
        (entry["manager"], entry["operation"]): entry["fieldsV1"]
        for entry in document["metadata"]["managedFields"]
    }


def test_apply_makes_and_owns(space: Space) -> None:
    made = apply(space, "one", config_map(a="1", b="2"))
    assert made.status == 201
    assert owners(made.body) == {("one", "Apply"): {"f:data": {"f:a": {}, "f:b": {}}}}
    again = apply(space, "one", config_map(a="1", b="2"))
    assert (again.status, again.body) == (200, made.body)


def test_the_same_value_has_two_owners(space: Space) -> None:
    apply(space, "one", config_map(a="1", b="2"))
    shared = apply(space, "two", config_map(b="2"))
    assert shared.status == 200
    assert owners(shared.body) == {
        ("one", "Apply"): {"f:data": {"f:a": {}, "f:b": {}}},
        ("two", "Apply"): {"f:data": {"f:b": {}}},
    }
    assert apply(space, "one", config_map(a="1")).body["data"] == {"a": "1", "b": "2"}
    assert apply(space, "two", config_map()).body["data"] == {"a": "1"}


def test_one_conflict_names_the_owner(space: Space) -> None:
    apply(space, "one", config_map(a="1", b="2"))
    answer = apply(space, "two", config_map(a="9"))
    assert answer.refusal == (409, "Conflict")
    assert answer.message == 'Apply failed with 1 conflict: conflict with "one": .data.a'
    cause = {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "one"',
        "field": ".data.a",
    }
    assert answer.body["details"] == {"causes": [cause]}


def test_several_managers_are_all_named(space: Space) -> None:
    apply(space, "one", config_map(a="1", b="2"))
    space.patch("configmaps", "settings", {"data": {"b": "3"}}, MERGE, fieldManager="editor")
    answer = apply(space, "two", config_map(a="9", b="9"))
    assert answer.refusal == (409, "Conflict")
    assert answer.message == (
        'Apply failed with 2 conflicts: conflicts with "editor" using v1:\n- .data.b\n'
        'conflicts with "one":\n- .data.a'
    )
    assert sorted(answer.causes) == [
        ("FieldManagerConflict", ".data.a"),
        ("FieldManagerConflict", ".data.b"),
    ]
    assert space.get("configmaps", "settings")["data"] == {"a": "1", "b": "3"}


def test_the_manager_of_the_field_and_no_other_one(space: Space) -> None:
    apply(space, "one", config_map(a="1"))
    labels = {"metadata": {"labels": {"x": "y"}}}
    space.patch("configmaps", "settings", labels, MERGE, fieldManager="labeller")
    answer = apply(space, "two", config_map(a="9"))
    assert answer.message == 'Apply failed with 1 conflict: conflict with "one": .data.a'


def test_force_takes_the_field(space: Space) -> None:
    apply(space, "one", config_map(a="1", b="2"))
    forced = apply(space, "two", config_map(a="9"), force="true")
    assert (forced.status, forced.body["data"]) == (200, {"a": "9", "b": "2"})
    assert owners(forced.body) == {
        ("one", "Apply"): {"f:data": {"f:b": {}}},
        ("two", "Apply"): {"f:data": {"f:a": {}}},
    }


def test_guards(space: Space) -> None:
    made = apply(space, "one", config_map(a="1")).body
    stale = config_map(a="2")
    stale["metadata"] = {
        "name": "settings",
        "resourceVersion": made["metadata"]["resourceVersion"],
    }
    assert apply(space, "one", stale).status == 200
    stale["data"] = {"a": "3"}
    assert apply(space, "one", stale).refusal == (409, "Conflict")
    other = config_map(a="3")
    other["metadata"] = {"name": "settings", "uid": "11111111-2222-3333-4444-555555555555"}
    answer = apply(space, "one", other)
    assert answer.refusal == (422, "Invalid")
    assert "field is immutable" in answer.message


def test_a_uid_of_what_is_not_there(space: Space) -> None:
    document = config_map(a="1")
    document["metadata"]["uid"] = "11111111-2222-3333-4444-555555555555"
    answer = apply(space, "one", document)
    assert answer.refusal == (409, "Conflict")
    assert "uid mismatch: the provided object specified uid 11111111" in answer.message


def test_without_a_manager(space: Space) -> None:
    answer = space.patch("configmaps", "settings", config_map(a="1"), APPLY)
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueRequired", "fieldManager")]


def test_without_a_kind(space: Space) -> None:
    document = config_map(a="1")
    del document["kind"]
    assert apply(space, "one", document).refusal == (400, "BadRequest")
    document = config_map(a="1")
    del document["apiVersion"]
    assert apply(space, "one", document).refusal == (400, "BadRequest")


def test_a_null_in_data_is_an_empty_text(space: Space) -> None:
    made = apply(space, "one", config_map(a=None, b="2"))
    assert (made.status, made.body["data"]) == (201, {"a": "", "b": "2"})


def test_an_unknown_field_or_a_wrong_type_is_a_fault_of_the_server(space: Space) -> None:
    for document in ({**config_map(a="1"), "colour": "blue"}, config_map(a=1)):
        answer = apply(space, "one", document)
        assert answer.refusal == (500, "")
        assert "failed to create typed patch object" in answer.message
    answer = apply(space, "one", config_map(a="1"))
    assert answer.status == 201


def test_managed_fields_are_not_applied(space: Space) -> None:
    made = apply(space, "one", config_map(a="1")).body
    assert apply(space, "one", made).refusal == (400, "BadRequest")


def test_a_dry_run_of_an_apply(space: Space) -> None:
    shown = apply(space, "one", config_map(a="1"), dryRun="All")
    assert (shown.status, shown.body["data"]) == (201, {"a": "1"})
    answer = space.api.send("GET", space.path("configmaps", "settings"))
    assert answer.refusal == (404, "NotFound")
    wrong = apply(space, "one", config_map(**{"a b": "1"}), dryRun="All")
    assert wrong.refusal == (422, "Invalid")


def test_rules_are_one_value(space: Space) -> None:
    role = {"apiVersion": RBAC, "kind": "Role", "metadata": {"name": "reader"}}
    space.made(f"{RBAC}/roles", {**role, "rules": RULES})
    for rules in (None, [], [{**RULES[0], "verbs": ["list"]}]):
        answer = space.patch(
            f"{RBAC}/roles", "reader", {**role, "rules": rules}, APPLY, fieldManager="two"
        )
        assert answer.refusal == (409, "Conflict"), rules
        assert answer.causes == [("FieldManagerConflict", ".rules")]
    same = space.patch(
        f"{RBAC}/roles", "reader", {**role, "rules": RULES}, APPLY, fieldManager="two"
    )
    assert same.status == 200
