"""Bindings: who has a role, and what is said of many of them."""

from ops.kubernetes.bindings import MOST, holders, kept_reference, refusal

REFERENCE = {"kind": "ClusterRole", "name": "r"}


def test_who_has_a_role_and_as_whom_he_comes() -> None:
    subjects = [{"kind": "ServiceAccount", "name": "a"}, {"kind": "Group", "name": "g"}]
    narrow = {"metadata": {"name": "x", "namespace": "n"}, "roleRef": REFERENCE}
    found = holders("r", [{**narrow, "subjects": subjects}])
    assert [one.user for one in found] == ["system:serviceaccount:n:a", ""]
    assert [one.subject for one in found] == ["ServiceAccount n/a", "Group g"]
    assert {one.scope for one in found} == {"in n (RoleBinding x)"}
    assert holders("other", [{**narrow, "subjects": subjects}]) == []


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    subjects = [{"kind": "User", "name": f"u{number}"} for number in range(MOST + 2)]
    wide = {"metadata": {"name": "x"}, "roleRef": REFERENCE, "subjects": subjects}
    text = refusal(holders("r", [wide]), "get pods", "setting")
    assert "User u4 in all namespaces (ClusterRoleBinding x) and 2 more, so nothing" in text
    assert "u5" not in text
    assert text.count("kubectl edit clusterrolebinding x") == 1


def test_what_is_no_binding_or_is_not_there_has_no_reference_to_keep() -> None:
    document = {"kind": "RoleBinding", "metadata": {"name": "x"}, "roleRef": REFERENCE}
    assert kept_reference(None, document) == ""
    assert kept_reference({"kind": "ClusterRole"}, {"kind": "ClusterRole"}) == ""
    assert kept_reference({"roleRef": {**REFERENCE, "apiGroup": "g"}}, document) == ""
