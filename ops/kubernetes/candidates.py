"""The pods that the labels of a `@pod` find, asked of the API."""

from ops.api.form import check
from ops.http.connector import Api
from ops.http.request import get
from ops.kubernetes import forms
from ops.kubernetes.pods import Choice, Pod, choose


def candidates(api: Api, namespace: str, selector: str) -> list[Pod]:
    """Return all pods that a label selector finds; raise OSError where they cannot be listed."""
    path = f"/api/v1/namespaces/{namespace}/pods"
    request = get(path, all_pages=True, labelSelector=selector)
    response = api.send(request, None)
    if not response.ok:
        raise OSError(f"{request} -> {response.status}. {api.explain(response)}")
    check(response.body, forms.Pods)
    return list(response.body["items"])


def chosen(api: Api, namespace: str, selector: str) -> tuple[Pod, Choice]:
    """Return the pod that is meant; raise OSError with each candidate where there is none."""
    choice = choose(candidates(api, namespace, selector))
    if choice.pod is None:
        raise OSError(f"no pod is ready with {selector} in namespace {namespace}: {choice}")
    return choice.pod, choice
