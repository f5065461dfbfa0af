"""deploys/experiment_rbac.py: the report on pipelines of `master`, which stops nothing."""

import pytest
from cluster import Cluster
from lab_process import ROOT, Lab, Pyinfra

CI = ROOT / "lab" / "site" / "dedup" / "project" / ".gitlab-ci.yml"
RULES = """\
    - if: $CI_COMMIT_BRANCH == "development"
    - if: $CI_PIPELINE_SOURCE == "api"
    - if: $CI_PIPELINE_SOURCE == "web"
"""
NEVER = '    - if: $CI_COMMIT_BRANCH == "master"\n      when: never\n'
SAID = "[@gitlab/projects/280] .gitlab-ci.yml of development: "
KEPT_OFF = f"{SAID}a push to master makes no pipeline\n"
UNDECIDED = f"{SAID}whether a push to master makes a pipeline is undecided: "


def with_rules(lab: Lab, old: str, new: str) -> None:
    text = CI.read_text()
    assert old in text
    files = {".gitlab-ci.yml": text.replace(old, new)}
    lab.fault(action="commit", remote="gitlab", branch="development", files=files)


@pytest.mark.parametrize("how", ["--dry", "-y"])
def test_a_push_makes_none_and_what_else_does_is_a_remark(
    lab: Lab, pyinfra: Pyinfra, how: str
) -> None:
    code, output = pyinfra.deploy("experiment_rbac", how, "--limit", "project")
    assert code == 0, output
    assert output.count(KEPT_OFF) == 1
    for source, rule, line in (("web", 3, 21), ("api", 2, 20)):
        assert (
            f"remark on master: source {source} makes one: rule {rule} in line {line}"
            f' (if: $CI_PIPELINE_SOURCE == "{source}") matches, and build-k8s is in it'
        ) in output
    assert lab.mutations() == []


def test_it_is_what_gitlab_does(lab: Lab, pyinfra: Pyinfra) -> None:
    live = max(lab.pipelines())
    lab.fault(action="commit", remote="gitlab", branch="master", files={"README.md": "x"})
    assert max(lab.pipelines()) == live
    with_rules(lab, RULES, "    - when: always\n")
    with_rules_of_master(lab, "    - when: always\n")
    made = {number: p for number, p in lab.pipelines().items() if number > live}
    assert "master" in [pipeline["ref"] for pipeline in made.values()]
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 0, output
    assert (
        f"{SAID}a push to master makes a pipeline: rule 1 in line 19 (when: always) matches"
        in output
    )


def with_rules_of_master(lab: Lab, rules: str) -> None:
    files = {".gitlab-ci.yml": CI.read_text().replace(RULES, rules)}
    lab.fault(action="commit", remote="gitlab", branch="master", files=files)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (RULES, "    - when: always\n", "rule 1 in line 19 (when: always) matches"),
        (
            'BRANCH == "development"',
            'BRANCH == "master"',
            "rule 1 in line 19 (if: $CI_COMMIT_BRANCH == ",
        ),
        (
            RULES,
            '    - if: $CI_PIPELINE_SOURCE == "push"\n' + NEVER,
            'rule 1 in line 19 (if: $CI_PIPELINE_SOURCE == "push") matches',
        ),
        ("workflow:", ".workflow:", "there are no workflow rules"),
    ],
    ids=["always", "another branch", "never comes too late", "no workflow"],
)
def test_what_makes_a_pipeline_of_a_push_is_named_and_stops_no_other_work(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, old: str, new: str, words: str
) -> None:
    with_rules(lab, old, new)
    cluster.request("DELETE", cluster.path("clusterroles", "", "experiment-reset-access"))
    sent = len(lab.mutations())
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert f"{SAID}a push to master makes a pipeline: {words}" in output
    assert ': put `if: $CI_COMMIT_BRANCH == "master"` with `when: never` before all o' in output
    assert len(lab.mutations()) > sent  # The role and its bindings are there all the same.


def test_a_list_with_never_first_is_as_good(lab: Lab, pyinfra: Pyinfra) -> None:
    with_rules(lab, RULES, f"{NEVER}    - when: always\n")
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 0, output
    assert KEPT_OFF in output
    assert "remark on master" not in output


def test_what_depends_on_something_unknown_is_undecided(lab: Lab, pyinfra: Pyinfra) -> None:
    with_rules(lab, RULES, f"    - if: $CI_X\n{NEVER}")
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 0, output
    assert f"{UNDECIDED}it depends on rule 1 in line 19 (if: $CI_X)" in output
    assert KEPT_OFF not in output


def test_the_default_branch_of_the_project_is_asked_for(lab: Lab, pyinfra: Pyinfra) -> None:
    with_rules(lab, RULES, "    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n")
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 0, output
    assert KEPT_OFF in output


def test_rules_of_a_file_that_is_included_are_read_in_gitlabs_view(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    files = {
        ".gitlab-ci.yml": "include: [{local: ci/all.yml}]\n",
        "ci/all.yml": "workflow: {rules: [{when: always}]}\njob: {script: [a]}\n",
    }
    lab.fault(action="commit", remote="gitlab", branch="development", files=files)
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 0, output
    assert f"{SAID}a push to master makes a pipeline: rule 1 (when: always) matches" in output


INPUTS = """\
spec:
  inputs:
    branch:
      default: %s
---
workflow:
  rules:
    - if: $CI_COMMIT_BRANCH == "$[[ inputs.branch ]]"
job:
  script: [a]
"""
NOT_ON_PUSH = """\
job:
  script: [a]
  rules:
    - if: $CI_PIPELINE_SOURCE == "push"
      when: never
    - when: always
"""
MADE = "a push to master makes a pipeline: "


@pytest.mark.parametrize(
    ("text", "is_made", "words"),
    [
        (INPUTS % "development", False, "a push to master makes no pipeline\n"),
        (INPUTS % "master", True, f'{MADE}rule 1 (if: $CI_COMMIT_BRANCH == "master") matches'),
        (NOT_ON_PUSH, False, "makes no pipeline: the rules of no job let it into one\n"),
        ("pre: {script: [a], stage: .pre}\n", False, "no pipeline: the rules of no job let it"),
        ("job: {script: [a]}\n", True, f"{MADE}there are no workflow rules, and job is in it"),
    ],
    ids=["input, another branch", "input, this branch", "no job", "a job at the edge", "a job"],
)
def test_what_it_says_is_what_gitlab_does_then(
    lab: Lab, pyinfra: Pyinfra, text: str, is_made: bool, words: str
) -> None:
    for branch in ("development", "master"):
        before = max(lab.pipelines())
        lab.fault(action="commit", remote="gitlab", branch=branch, files={CI.name: text})
    assert (max(lab.pipelines()) > before) is is_made
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 0, output
    assert words in output


MASTER = "workflow: {rules: [{if: '$CI_COMMIT_BRANCH %s \"master\"', when: never}]}\n"
REFUSED = {
    "workflow: {rules: [{when: manual}]}\njob: {script: [a]}\n": "when unknown value: manual",
    INPUTS.replace("default: %s", "description: x"): "`branch` input: required value has not been",
    # Taken for rules, these let there be no pipeline of a push.
    MASTER % "=" + "job: {script: [a]}\n": "workflow:rules:rule if invalid expression syntax",
    "workflow: {rules: [{iff: a, when: never}]}\njob: {script: [a]}\n": "unknown keys: iff",
    "job: {script: [a], rules: [{if: '$A ==', when: never}]}\n": "if invalid expression syntax",
    # And these have a job that would be in it.
    "job: {script: [a], needs: [nope]}\n": "job job: undefined need: nope",
    ".b: {script: [a]}\njob: {script: [a], needs: [.b]}\n": "job job: undefined need: .b",
    "job: {script: [a], stage: x}\n": "job job: chosen stage x does not exist",
    "job: {stage: test}\n": "jobs:job config should implement the script:",
    "job: {script: [a], scripts: [b]}\n": "jobs:job config contains unknown keys: scripts",
    "b: {script: [a], stage: deploy}\njob: {script: [a], needs: [b]}\n": "need b is not defined in",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_gitlab_refuses_is_neither_yes_nor_no(lab: Lab, pyinfra: Pyinfra, text: str) -> None:
    lab.fault(action="commit", remote="gitlab", branch="development", files={CI.name: text})
    newest = lab.pipelines()[max(lab.pipelines())]
    assert (newest["status"], newest["jobs"]) == ("failed", [])
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 0, output
    said = output.partition(f"{UNDECIDED}GitLab refuses the configuration: ")[2]
    assert REFUSED[text] in said.partition("\n")[0], output


def test_files_that_a_push_may_change_are_not_known(lab: Lab, pyinfra: Pyinfra) -> None:
    rules = "    - changes: [docs/**/*]\n      when: never\n    - when: always\n"
    with_rules(lab, RULES, rules)
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 0, output
    assert f"{UNDECIDED}it depends on rule 1 in line 19 (changes, when: never)" in output


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"action": "status", "status": 500, "times": -1}, "500"),
        ({"action": "reset", "times": -1}, "/repository/files/"),
    ],
)
def test_a_file_that_cannot_be_read_is_undecided_and_stops_no_other_work(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, fault: dict[str, object], words: str
) -> None:
    lab.fault(system="gitlab", method="GET", path="/repository/files/", **fault)
    cluster.request("DELETE", cluster.path("clusterroles", "", "experiment-reset-access"))
    sent = len(lab.mutations())
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert UNDECIDED in output
    assert words in output.partition(UNDECIDED)[2].partition("\n")[0]
    assert "Traceback" not in output
    assert len(lab.mutations()) > sent


def test_a_branch_without_the_file_is_undecided(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="commit", remote="gitlab", branch="development", files={CI.name: "a: ["})
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 0, output
    assert f"{UNDECIDED}it is no YAML" in output
