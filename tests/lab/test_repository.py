"""GitLab's API of the repository, with python-gitlab: it works on what git clients see."""

import base64
import hashlib

import gitlab
import pytest
import yaml
from gitlab.v4.objects import Project
from lab_process import Lab

CONFIG = "src/cpp/config.example.json"
CONFIG_MAP = "k8s/base/configmap.yaml"


def last_of(project: Project, path: str) -> str:
    query = {"ref_name": "development", "path": path}
    return project.commits.list(query_parameters=query, iterator=True).next().id


def test_a_file_has_its_content_digest_and_last_commit(lab: Lab, project: Project) -> None:
    file = project.files.get(CONFIG, ref="development")
    content = base64.b64decode(file.content)
    assert file.content_sha256 == hashlib.sha256(content).hexdigest()
    assert file.size == len(content)
    assert file.commit_id == lab.heads("gitlab")["development"]
    assert file.last_commit_id == last_of(project, CONFIG)
    assert file.last_commit_id != file.commit_id
    assert project.files.raw(CONFIG, ref="development") == content
    assert not file.execute_filemode
    assert project.files.get("scripts/reset/reset.sh", ref="development").execute_filemode


def test_head_has_the_same_in_headers(python_gitlab: gitlab.Gitlab, project: Project) -> None:
    file = project.files.get(CONFIG, ref="master")
    path = f"/projects/280/repository/files/{CONFIG.replace('/', '%2F')}"
    headers = python_gitlab.http_head(path, ref="master")
    assert headers["X-Gitlab-Content-Sha256"] == file.content_sha256
    assert headers["X-Gitlab-Last-Commit-Id"] == file.last_commit_id


def test_the_two_configurations_agree_and_are_wrong(project: Project) -> None:
    """Job 8 of the site: port 9092 in two places, no user, and a password in the file."""
    example = yaml.safe_load(project.files.raw(CONFIG, ref="development"))
    manifest = yaml.safe_load(project.files.raw(CONFIG_MAP, ref="development"))
    assert yaml.safe_load(manifest["data"]["config.json"]) == example
    [kafka] = [one for one in example["databases"] if one["system"] == "kafka"]
    assert (kafka["port"], kafka["user"], kafka["password"]) == (9092, "", "dedup-lab-old")
    assert example["metrics_trace"]["kafka_bootstrap"].endswith(":9092")


@pytest.mark.parametrize(
    ("path", "ref", "message"),
    [
        ("no/such/file", "development", "404 File Not Found"),
        (CONFIG, "no-such-branch", "404 Commit Not Found"),
    ],
)
def test_what_is_not_there_is_404(project: Project, path: str, ref: str, message: str) -> None:
    with pytest.raises(gitlab.GitlabGetError, match=message):
        project.files.get(path, ref=ref)


def test_an_update_makes_a_commit_that_changes_only_this_file(lab: Lab, project: Project) -> None:
    before = lab.heads("gitlab")["development"]
    file = project.files.get(CONFIG, ref="development")
    new = file.decode().decode().replace('"port": 9092', '"port": 9094')
    update = {
        "branch": "development",
        "content": new,
        "commit_message": "Use the listener that wants SASL",
        "last_commit_id": file.last_commit_id,
    }
    assert project.files.update(CONFIG, update)["branch"] == "development"
    head = lab.heads("gitlab")["development"]
    commit = project.commits.get(head)
    assert commit.parent_ids == [before]
    assert commit.stats == {"additions": 1, "deletions": 1, "total": 2}
    [entry] = commit.diff()
    assert (entry["new_path"], entry["new_file"], entry["deleted_file"]) == (CONFIG, False, False)
    assert '+      "port": 9094,' in entry["diff"]
    assert lab.heads("github")["development"] == before


def test_an_outdated_last_commit_id_is_refused(lab: Lab, project: Project) -> None:
    file = project.files.get(CONFIG, ref="development")
    lab.fault(action="commit", remote="gitlab", branch="development", files={CONFIG: "{}\n"})
    update = {
        "branch": "development",
        "content": "mine",
        "commit_message": "Mine",
        "last_commit_id": file.last_commit_id,
    }
    with pytest.raises(gitlab.GitlabUpdateError, match="has changed since you started") as caught:
        project.files.update(CONFIG, update)
    assert caught.value.response_code == 400
    assert project.files.raw(CONFIG, ref="development") == b"{}\n"


def test_a_commit_of_several_files_is_one(lab: Lab, project: Project) -> None:
    commit = project.commits.create(
        {
            "branch": "development",
            "commit_message": "Do three things",
            "actions": [
                {"action": "update", "file_path": CONFIG, "content": "{}\n"},
                {"action": "create", "file_path": "docs/a b.md", "content": "new\n"},
                {"action": "delete", "file_path": "k8s/base/kafka-user.yaml"},
            ],
        }
    )
    changes = {entry["new_path"]: entry for entry in commit.diff()}
    assert changes["docs/a b.md"]["new_file"]
    assert changes["k8s/base/kafka-user.yaml"]["deleted_file"]
    assert lab.heads("gitlab")["development"] == commit.id


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"action": "create", "content": ""}, "A file with this name already exists"),
        ({"action": "update", "content": "", "last_commit_id": "0" * 40}, "has changed since you"),
        ({"action": "paint"}, "does not have a valid value"),
    ],
)
def test_a_refused_action_changes_nothing(
    lab: Lab, project: Project, action: dict[str, str], message: str
) -> None:
    before = lab.heads("gitlab")
    actions = [{"file_path": CONFIG, **action}]
    with pytest.raises(gitlab.GitlabCreateError, match=message) as caught:
        project.commits.create({"branch": "development", "commit_message": "x", "actions": actions})
    assert caught.value.response_code == 400
    assert lab.heads("gitlab") == before


def test_branches_compare_and_merge_base(lab: Lab, project: Project) -> None:
    heads = lab.heads("gitlab")
    branches = {branch.name: branch for branch in project.branches.list(get_all=True)}
    assert set(branches) == {"development", "master"}
    assert branches["master"].merged
    assert branches["development"].default
    comparison = project.repository_compare("master", "development")
    assert [c["id"] for c in comparison["commits"]][-1] == heads["development"]
    assert len(comparison["commits"]) == 5
    assert project.repository_compare("development", "master")["commits"] == []
    base = project.repository_merge_base(["master", "development"])
    assert base["id"] == heads["master"]
    with pytest.raises(gitlab.GitlabGetError, match="404 Ref Not Found"):
        project.repository_compare("master", "nowhere")


def test_the_tree_pages(project: Project) -> None:
    entries = project.repository_tree(recursive=True, per_page=3, get_all=True)
    assert CONFIG in {entry["path"] for entry in entries}
    [cpp] = project.repository_tree(path="src", get_all=True)
    assert (cpp["name"], cpp["type"]) == ("cpp", "tree")


def test_the_linter_says_what_is_wrong(project: Project) -> None:
    text = project.files.raw(".gitlab-ci.yml", ref="development").decode()
    assert project.ci_lint.create({"content": text}).valid
    for broken, message in [
        (text.replace("stage: aggregate", "stage: nowhere"), "chosen stage nowhere does not exist"),
        (text.replace("changes:", "chances:"), "unknown keys: chances"),
        (text.replace("  rules: &", "   rules: &"), "line"),
        ("job:\n  tags: [a]\n", "should implement the script:"),
        ("job:\n  script: [x]\n  rules: [{if: $A = 1}]\n", "invalid expression syntax"),
    ]:
        result = project.ci_lint.create({"content": broken})
        assert not result.valid
        assert message in "\n".join(result.errors)
