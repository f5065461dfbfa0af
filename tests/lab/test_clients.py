"""The practice site answers the clients of the real one: python-gitlab, kubectl, ssh, …"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import gitlab
import pytest
from kubernetes import client, config
from kubernetes.stream import stream
from lab_process import Lab
from limits import LIMIT

NAMESPACE, CRON_JOB = "gitlab-runner", "runner-tag-enforcer"


@pytest.fixture
def api(lab: Lab) -> Iterator[client.ApiClient]:
    api_client = config.new_client_from_config(lab.environment["KUBECONFIG"])
    yield api_client
    api_client.rest_client.close()


def call(environment: Mapping[str, str], *command: str, stdin: str = "") -> tuple[int, str, str]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed here; CI installs it")
    done = subprocess.run(
        command,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def kubectl(lab: Lab, tmp_path: Path) -> Mapping[str, str]:
    return {"KUBECONFIG": lab.environment["KUBECONFIG"], "HOME": str(tmp_path)}


def settings_of(lab: Lab, number: int) -> dict[str, object]:
    """The runner without what its polling changes all the time."""
    return {k: v for k, v in lab.runners()[number].items() if k != "contacted_at"}


def test_python_gitlab_pages_through_the_runners(python_gitlab: gitlab.Gitlab) -> None:
    runners = python_gitlab.runners_all.list(per_page=5, get_all=True)
    assert [runner.id for runner in runners] == list(range(6, 18))
    assert "tag_list" not in runners[0].attributes  # The list has no tags, as in GitLab.


def test_python_gitlab_changes_a_runner(lab: Lab, python_gitlab: gitlab.Gitlab) -> None:
    runner = python_gitlab.runners.get(17)
    runner.tag_list = ["kubernetes", " experiment ", "kubernetes"]
    runner.save()
    assert lab.tags()[17] == {"kubernetes", "experiment"}
    assert lab.mutations() == ["PUT /api/v4/runners/17"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tag_list": []}, "can not be empty"),
        ({"tag_list": [f"tag-{n}" for n in range(51)]}, "limit the number of tags to 50"),
        ({"tag_list": ["a"], "maximum_timeout": 599}, "at least 10 minutes"),
        ({"active": True, "paused": True}, "mutually exclusive"),
        ({}, "at least one parameter must be provided"),
    ],
)
def test_gitlab_refuses_what_the_real_one_refuses(
    lab: Lab, python_gitlab: gitlab.Gitlab, settings: dict[str, object], message: str
) -> None:
    before = settings_of(lab, 17)
    with pytest.raises(gitlab.GitlabUpdateError, match=message) as caught:
        python_gitlab.runners.update(17, settings)
    assert caught.value.response_code == 400
    assert settings_of(lab, 17) == before


def test_gitlab_answers_401_and_404(lab: Lab, python_gitlab: gitlab.Gitlab) -> None:
    with pytest.raises(gitlab.GitlabGetError, match="404"):
        python_gitlab.runners.get(99)
    python_gitlab.private_token = "wrong"
    python_gitlab._set_auth_info()
    with pytest.raises(gitlab.GitlabAuthenticationError):
        python_gitlab.version = python_gitlab.http_get("/version")


def test_an_unknown_route_is_501_and_logged(lab: Lab, python_gitlab: gitlab.Gitlab) -> None:
    with pytest.raises(gitlab.GitlabHttpError) as caught:
        python_gitlab.http_get("/no/such/route")
    assert caught.value.response_code == 501
    assert [r["path"] for r in lab.requests() if r.get("unknown")] == ["/api/v4/no/such/route"]


def test_the_kubernetes_client_patches_with_a_dry_run_and_a_guard(
    lab: Lab, api: client.ApiClient
) -> None:
    batch = client.BatchV1Api(api)
    live = batch.read_namespaced_cron_job(CRON_JOB, NAMESPACE)
    patch: dict[str, object] = {"spec": {"suspend": True}}
    shown = batch.patch_namespaced_cron_job(CRON_JOB, NAMESPACE, patch, dry_run="All")
    assert shown.spec.suspend is True
    assert lab.enforcer()[1] is False
    assert lab.mutations() == []
    batch.patch_namespaced_cron_job(CRON_JOB, NAMESPACE, patch)
    assert lab.enforcer()[1] is True
    patch["metadata"] = {"resourceVersion": live.metadata.resource_version}
    with pytest.raises(client.ApiException) as caught:
        batch.patch_namespaced_cron_job(CRON_JOB, NAMESPACE, patch)
    assert caught.value.status == 409


def test_the_kubernetes_client_executes_in_a_pod(api: client.ApiClient) -> None:
    core = client.CoreV1Api(api)
    [pod] = core.list_namespaced_pod("gitlab", label_selector="app=toolbox").items
    command = ["sh", "-c", "echo out; echo err >&2; exit 3"]
    running = stream(
        core.connect_get_namespaced_pod_exec,
        pod.metadata.name,
        "gitlab",
        command=command,
        stdout=True,
        stderr=True,
        _preload_content=False,
    )
    running.run_forever(timeout=20)
    assert (running.read_stdout(), running.read_stderr()) == ("out\n", "err\n")
    assert running.returncode == 3
    running.sock.shutdown()


def test_kubectl_gets_patches_and_executes(lab: Lab, kubectl: Mapping[str, str]) -> None:
    code, output, errors = call(kubectl, "kubectl", "get", "cronjobs", "-A")
    assert code == 0, errors
    assert CRON_JOB in output
    where = ("-n", NAMESPACE, "cronjob", CRON_JOB)
    code, _, errors = call(kubectl, "kubectl", "patch", *where, "-p", '{"spec":{"suspend":true}}')
    assert code == 0, errors
    assert lab.enforcer() == ("* * * * *", True)
    _, pod, _ = call(kubectl, "kubectl", "get", "pods", "-n", "gitlab", "-o", "name")
    inside = ("kubectl", "exec", "-i", "-n", "gitlab", pod.strip(), "--")
    assert call(kubectl, *inside, "cat", stdin="one\ntwo\n")[:2] == (0, "one\ntwo\n")
    code, output, errors = call(kubectl, *inside, "sh", "-c", "echo out; exit 4")
    assert (code, output) == (4, "out\n")
    assert "exit code 4" in errors


def test_ssh_runs_a_command_and_forwards_a_port(lab: Lab) -> None:
    options = ("ssh", "-F", lab.environment["SSH_CONFIG_FILE"])
    node = "10.0.10.201"
    code, output, errors = call({}, *options, node, "echo out; echo err >&2; exit 5")
    assert (code, output) == (5, "out\n")
    assert "err\n" in errors
    # -W sends stdin to an address behind the control node; the API wants TLS and says so.
    _, output, errors = call(
        {}, *options, "-W", "10.0.15.250:6443", node, stdin="GET / HTTP/1.0\n\n"
    )
    assert "prohibited" not in errors
    code, _, errors = call({}, *options, "-W", "10.0.15.9:22", node)
    assert code != 0
    assert "prohibited" in errors


def test_sftp_copies_a_file(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content\n")
    batch = f"put {tmp_path}/file /tmp/lab-sftp-test\nget /tmp/lab-sftp-test {tmp_path}/back\n"
    batch += "rm /tmp/lab-sftp-test\n"
    options = ("sftp", "-b", "-", "-F", lab.environment["SSH_CONFIG_FILE"], "10.0.10.201")
    code, _, errors = call({}, *options, stdin=batch)
    assert code == 0, errors
    assert (tmp_path / "back").read_text() == "content\n"
