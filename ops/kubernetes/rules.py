"""Rules of a role: the accesses that they allow, one at a time, in words and compared.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence

GROUP = "rbac.authorization.k8s.io"
EXEC, EXEC_VERBS, WEB_SOCKETS_CREATE = "pods/exec", ("get", "create"), (1, 35)
Rules = Sequence[Mapping[str, Sequence[str]]]
Access = Mapping[str, str]


def attributes(rules: Rules, namespaces: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield what some rules allow, one access at a time, as an access review wants it.

    + rules: as in a ClusterRole
    + namespaces: where; an empty name stands for all of them at once
    """
    for namespace in namespaces:
        for rule in rules:
            for group, resource, verb, name in itertools.product(
                rule.get("apiGroups") or [],  # One for paths outside of namespaces has none.
                rule.get("resources") or [],
                rule["verbs"],
                rule.get("resourceNames") or [""],
            ):
                plural, _, subresource = resource.partition("/")
                found = {"namespace": namespace, "verb": verb, "resource": plural}
                more = {"subresource": subresource, "name": name}
                yield (
                    found | {key: value for key, value in more.items() if value} | {"group": group}
                )


def for_web_sockets(rules: Rules, version: tuple[int, int]) -> list[dict[str, list[str]]]:
    """Return rules with which a client may execute over a WebSocket where it may execute at all.

    + rules: as in a ClusterRole
    + version: of the API server; from 1.35 on such a client needs `get` and `create`
    """
    found = [{key: list(value) for key, value in rule.items()} for rule in rules]
    for rule in list(found):
        if version < WEB_SOCKETS_CREATE or EXEC not in rule.get("resources", []):
            continue
        more = [verb for verb in EXEC_VERBS if verb not in rule["verbs"]]
        if len(more) != 1 or "*" in rule["verbs"]:
            continue  # It has both, or does not execute.
        if rule["resources"] == [EXEC]:
            rule["verbs"] += more
        else:  # Nothing else is to be allowed.
            found.append({**rule, "resources": [EXEC], "verbs": more})
    return found


def added(rules: Rules, live: Rules) -> list[dict[str, str]]:
    """Return the accesses that rules allow and those of a role do not.

    + rules: that the role is to have besides
    + live: that it has
    """
    wanted = attributes(rules, [""])
    return [one for one in wanted if not any(_covers(rule, one) for rule in live)]


def show(*accesses: Access) -> str:
    """Return accesses in one namespace in words: `get pods, create pods/exec in databases`."""
    return f"{actions(accesses)} in {accesses[0]['namespace']}"


def actions(accesses: Sequence[Access]) -> str:
    """Return in words what accesses do: `get pods, create pods/exec`."""
    return ", ".join(map(action, accesses))


def action(access: Access) -> str:
    """Return in words what an access does: `create pods/exec`."""
    kind = ".".join(filter(None, (_resource(access), access["group"])))
    return " ".join(filter(None, (access["verb"], kind, access.get("name"))))


def _resource(access: Access) -> str:
    return "/".join(filter(None, (access["resource"], access.get("subresource"))))


def _covers(rule: Mapping[str, Sequence[str]], access: Access) -> bool:
    def has(field: str, *values: str) -> bool:
        return not {"*", *values}.isdisjoint(rule.get(field) or [])

    below = access.get("subresource")
    resources = [_resource(access), *([f"*/{below}"] if below else [])]
    names = rule.get("resourceNames") or []
    return (
        has("verbs", access["verb"])
        and has("apiGroups", access["group"])
        and has("resources", *resources)
        and (not names or access.get("name") in names)
    )
