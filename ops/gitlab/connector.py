"""The connector `@gitlab`: the rest of the host's name is a path of GitLab's API.

`@gitlab/runners/17` is GET /runners/17, `@gitlab` is the installation itself (GET /version).
"""

import os
import threading
from collections.abc import Iterator
from typing import Any, TypedDict

from pyinfra.connectors.base import DataMeta
from typing_extensions import override

from ops.api import environment
from ops.api.secret import Secret
from ops.api.settings.kinds import Seconds, Url
from ops.gitlab.client.api import TIMEOUT, GitLabApi
from ops.gitlab.client.settings import new_client
from ops.http.connector import Api, HttpConnector, http_data_meta
from ops.http.request import Request
from ops.http.response import Response


class GitLabData(TypedDict):
    """Host data of `@gitlab`."""

    gitlab_path: str
    gitlab_url: Url
    gitlab_token: Secret
    gitlab_section: str
    gitlab_ca_file: str
    gitlab_ssl_verify: bool
    gitlab_timeout: Seconds
    gitlab_deadline: Seconds
    connect_when_needed: bool
    may_be_missing: bool


class GitLabConnector(HttpConnector):
    """Send requests to a GitLab installation, with paths relative to its API's root.

    Settings come from the host's data, else from GITLAB_URL, GITLAB_TOKEN and GITLAB_CA_FILE, else
    from python-gitlab's configuration file (`helper:` included).
    """

    data_cls = GitLabData
    data_meta = {
        "gitlab_path": DataMeta("Path of the resource below the API's root", "/version"),
        "gitlab_url": DataMeta("URL of the installation, without /api/v4"),
        "gitlab_token": DataMeta("Personal access token of an administrator, scope api"),
        "gitlab_section": DataMeta("Section of python-gitlab.cfg; else the one with this URL"),
        "gitlab_ca_file": DataMeta("PEM file of the CA that signed the certificate"),
        "gitlab_ssl_verify": DataMeta("False: accept any certificate, with a warning", True),
        "gitlab_timeout": DataMeta("Seconds for which nothing may come", TIMEOUT),
        "gitlab_deadline": DataMeta("Seconds for a request with all attempts and pages", 120),
        **http_data_meta,
    }
    data: GitLabData

    @override
    @staticmethod
    def make_names_data(name: str | None) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        if name:
            yield f"@gitlab/{name}", {"gitlab_path": f"/{name}"}, ["@gitlab"]
        else:
            yield "@gitlab", {"gitlab_path": "/version"}, ["@gitlab"]

    @override
    def open_api(self) -> GitLabApi:
        return _open_api(self.data)

    @override
    def resource_path(self) -> str:
        return self.data["gitlab_path"]

    @override
    def endpoint(self) -> str | None:
        return str(_open_api(self.data).client.url)

    @override
    def first_read(self, api: Api, request: Request) -> Response:
        collection, _, number = request.path.strip("/").partition("/")
        if collection == "runners" and number.isdigit():
            runner = _open_api(self.data).runner(int(number))
            if runner is not None:
                return Response(200, "OK", runner)
        return super().first_read(api, request)


_apis: dict[tuple[Any, ...], GitLabApi] = {}
_apis_lock = threading.Lock()


def _open_api(data: GitLabData) -> GitLabApi:
    url = data["gitlab_url"] or os.environ.get("GITLAB_URL")
    token = data["gitlab_token"] or Secret(environment.variable("GITLAB_TOKEN").strip())
    verify: bool | str = data["gitlab_ca_file"] or os.environ.get("GITLAB_CA_FILE") or True
    if not data["gitlab_ssl_verify"]:
        verify = False
    timeout, deadline = data["gitlab_timeout"], data["gitlab_deadline"]
    section = data["gitlab_section"] or None
    key = (url, token, verify, timeout, deadline, section)
    with _apis_lock:
        if key not in _apis:
            _apis[key] = GitLabApi(new_client(url, token, verify, timeout, section), deadline)
    return _apis[key]
