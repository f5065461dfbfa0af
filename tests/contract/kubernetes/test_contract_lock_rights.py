"""The rights of the lock: those that docs/lock.md names are enough, and none is too much."""

import re
from typing import Any

import pytest
import yaml
from kubernetes_api import Space
from lab_process import ROOT
from lease_api import LeaseApi
from moments import wait_for

from ops.http.request_failed import RequestFailed
from ops.lock.holder import Holder
from ops.lock.lease_lock import LeaseLock

RBAC = "rbac.authorization.k8s.io"
USER, NAME = "anna@example.com", "site-operations"
MARKER = {"apiGroups": ["contract"], "resources": ["marks"], "verbs": ["get"]}


def _rules() -> list[dict[str, Any]]:
    page = (ROOT / "docs" / "lock.md").read_text()
    [block] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    role = yaml.safe_load(block)
    assert (role["kind"], role["apiVersion"]) == ("Role", f"{RBAC}/v1")
    return list(role["rules"])


def _lock(space: Space, rules: list[dict[str, Any]]) -> LeaseLock:
    """Return the lock of somebody who may do no more than the rules say."""
    role = {"metadata": {"name": "lock"}, "rules": [*rules, MARKER]}
    space.made(f"{RBAC}/v1/roles", role)
    subject = {"kind": "User", "name": USER, "apiGroup": RBAC}
    reference = {"apiGroup": RBAC, "kind": "Role", "name": "lock"}
    binding = {"metadata": {"name": "lock"}, "roleRef": reference, "subjects": [subject]}
    space.made(f"{RBAC}/v1/rolebindings", binding)
    wait_for(lambda: _is_seen(space))
    holder = Holder("anna", "desk", 4711, "fix_tags", "1")
    return LeaseLock(LeaseApi(space.api, USER), space.name, NAME, 120, holder)


def _is_seen(space: Space) -> bool:
    """Whether the authorizer has seen the binding and the role: it watches what is stored."""
    asked = {"namespace": space.name, "verb": "get", "group": "contract", "resource": "marks"}
    review = {"spec": {"user": USER, "resourceAttributes": asked}}
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    return bool(space.api.send("POST", path, review).body["status"]["allowed"])


def test_the_rights_of_the_page_are_enough(space: Space) -> None:
    lock = _lock(space, _rules())
    for _ in range(2):  # It is made, and then it is there.
        assert lock.take(lock.look())
        assert lock.renew()
        assert lock.release() == ""


@pytest.mark.parametrize("verb", ["create", "get", "update"])
def test_each_right_is_needed_and_named(space: Space, verb: str) -> None:
    rules = [{**rule, "verbs": [v for v in rule["verbs"] if v != verb]} for rule in _rules()]
    lock = _lock(space, [rule for rule in rules if rule["verbs"]])
    with pytest.raises(RequestFailed, match=f'cannot {verb} resource "leases"') as refused:
        lock.take(lock.look())
        lock.release()  # It is only said where that is refused.
        lock.take(lock.look())
    assert refused.value.status == 403
