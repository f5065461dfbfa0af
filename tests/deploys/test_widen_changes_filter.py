"""deploys/widen_changes_filter.py against the practice site: all lists alike, in one commit."""

import difflib
import json

import pytest
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from remotes import file_of, log_of, somebody_commits

FILE = ".gitlab-ci.yml"
TITLE = "Run experiment:build for changes of further paths"
# experiment:build and :upload-results share one; :preflight, :reset, what the databases extend.
ADDED = 4 * [
    '        - "k8s/**/*"\n',
    '        - "src/cpp/config.example.json"\n',
    '        - "scripts/reset/**/*"\n',
]
COMMITS = "POST /api/v4/projects/280/repository/commits"
LINT = {"system": "gitlab", "method": "POST", "path": "/ci/lint$"}
COMMIT = {"system": "gitlab", "method": "POST", "path": "/repository/commits$"}


@pytest.fixture
def start(lab: Lab) -> str:
    return lab.environment["SASL_REQUIRED_COMMIT"]


def differing(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] != " "]


def is_done(lab: Lab, start: str, text: str) -> None:
    """One commit, and its only difference to a text are the new lines."""
    assert log_of(lab, start)[0] == TITLE
    assert log_of(lab, start).count(TITLE) == 1
    assert differing(text, file_of(lab, FILE)) == [f"+ {line}" for line in ADDED]


def test_the_preview_shows_the_lines_and_writes_nothing(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    code, output = pyinfra.deploy("widen_changes_filter", "--dry")
    assert code == 0, output
    assert lab.mutations() == []
    assert lab.heads("gitlab")["development"] == start
    shown = [line.strip() for line in output.splitlines()]
    assert [line for line in shown if line.startswith("+ ")] == [
        f"+{line.rstrip()}" for line in ADDED
    ]
    assert not [line for line in shown if line.startswith("-  ")]
    assert "would POST /projects/280/repository/commits" in output
    assert [r["path"] for r in lab.requests() if r["method"] == "POST"][-1].endswith("/ci/lint")


def test_all_lists_like_it_grow_and_the_second_run_is_silent(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = file_of(lab, FILE)
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    is_done(lab, start, before)
    head = lab.heads("gitlab")["development"]
    [new] = lab.wait(lambda: [p for p in lab.pipelines().values() if p["sha"] == head])
    assert new["source"] == "push"
    assert lab.mutations() == [COMMITS]
    code, output = pyinfra.deploy("widen_changes_filter", "-y", "-v")
    assert code == 0, output
    assert f"{FILE}: as wanted on development" in output
    assert lab.mutations() == [COMMITS]


def test_the_linter_is_asked_about_the_new_text_before_the_commit(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    pyinfra.deploy("widen_changes_filter", "-y")
    posts = [r for r in lab.requests(system="gitlab") if r["method"] == "POST"]
    asked = [r for r in posts if r["path"].endswith(("/ci/lint", "/repository/commits"))]
    assert [r["path"].rpartition("/")[2] for r in asked] == ["lint", "lint", "commits"]
    assert asked[0]["body"]["dry_run"]
    new = asked[2]["body"]["actions"][0]["content"]
    assert [request["body"]["content"] for request in asked[:2]] == [new, new]


@pytest.mark.parametrize("arguments", [("--dry",), ("-y",)])
def test_what_the_linter_refuses_is_not_committed(
    lab: Lab, pyinfra: Pyinfra, start: str, arguments: tuple[str, ...]
) -> None:
    answer = {"valid": False, "errors": ["jobs:x config is odd"], "warnings": []}
    lab.fault(**LINT, action="status", status=200, body=answer)
    code, output = pyinfra.deploy("widen_changes_filter", *arguments)
    assert code == 1
    assert f"GitLab does not accept the new {FILE}: jobs:x config is odd" in output
    assert "Traceback" not in output
    assert lab.mutations() == []
    assert lab.heads("gitlab")["development"] == start


def test_a_configuration_that_was_invalid_before_is_not_touched(lab: Lab, pyinfra: Pyinfra) -> None:
    text = file_of(lab, FILE).replace("stage: aggregate\n", "stage: nowhere\n")
    somebody_commits(lab, FILE, text)
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 1
    assert "chosen stage nowhere does not exist" in output
    assert file_of(lab, FILE) == text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("experiment:build:", "experiment:made:", "it has no job experiment:build"),
        ("      changes:\n", "      changes: &list\n", ""),
        ("stages:", "stages: [", "it is no YAML in line"),
    ],
    ids=["no job", "an anchor is no obstacle", "no YAML"],
)
def test_other_forms_are_done_or_refused_in_words(
    lab: Lab, pyinfra: Pyinfra, start: str, old: str, new: str, words: str
) -> None:
    text = file_of(lab, FILE).replace(old, new)
    somebody_commits(lab, FILE, text)
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert "Traceback" not in output
    if words:
        assert code == 1
        assert words in output
        assert file_of(lab, FILE) == text
    else:
        assert code == 0, output
        is_done(lab, start, text)


def test_a_missing_file_is_said(lab: Lab, pyinfra: Pyinfra) -> None:
    somebody_commits(lab, FILE, None)
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 1
    assert f"development has no file {FILE}" in output
    assert lab.mutations() == []


def test_a_commit_between_read_and_write_is_not_lost(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    # Before the commit the linter answers only when it is asked again: time for somebody else's.
    lab.fault(**LINT, action="timeout", seconds=3, skip=1)
    before = file_of(lab, FILE)
    process = pyinfra.start("inventory.py", "deploys/widen_changes_filter.py", "-y")
    wait_for(lambda: len([r for r in lab.requests() if r["path"].endswith("/ci/lint")]) > 1)
    somebody_commits(lab, FILE, before + "# somebody else's line\n")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "The file has changed since you started editing it" in output
    assert file_of(lab, FILE) == before + "# somebody else's line\n"
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    is_done(lab, start, before + "# somebody else's line\n")


def test_a_commit_after_the_preview_is_kept(lab: Lab, pyinfra: Pyinfra, start: str) -> None:
    text = file_of(lab, FILE) + "# somebody else's line\n"
    code, output = run_confirmed(
        pyinfra, "widen_changes_filter", lambda: somebody_commits(lab, FILE, text)
    )
    assert code == 0, output
    is_done(lab, start, text)


@pytest.mark.parametrize("action", ["apply_then_hang", "apply_then_reset"])
def test_after_a_lost_answer_there_is_one_commit(
    lab: Lab, pyinfra: Pyinfra, start: str, action: str
) -> None:
    before = file_of(lab, FILE)
    lab.fault(**COMMIT, action=action, seconds=1)
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    assert "but it was done (read again)" in output
    is_done(lab, start, before)
    assert lab.mutations() == [COMMITS]


def test_a_request_that_was_lost_is_said_and_a_rerun_commits(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = file_of(lab, FILE)
    lab.fault(**COMMIT, action="reset")
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 1
    assert "reading again shows that it was not done. Run again." in output
    assert lab.heads("gitlab")["development"] == start
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    is_done(lab, start, before)


def test_killed_while_it_commits_a_rerun_does_not_commit_twice(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = file_of(lab, FILE)
    lab.fault(**COMMIT, action="apply_then_hang", seconds=30)
    process = pyinfra.start("inventory.py", "deploys/widen_changes_filter.py", "-y")
    wait_for(lambda: lab.heads("gitlab")["development"] != start)
    kill(process)
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    is_done(lab, start, before)
    assert lab.mutations() == [COMMITS]


def test_a_protected_branch_is_said(lab: Lab, pyinfra: Pyinfra, start: str) -> None:
    lab.fault(action="set", gitlab_refuses=["development"])
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 1
    assert "You are not allowed to push into this branch" in output
    assert lab.heads("gitlab")["development"] == start


def test_globs_that_match_nothing_are_explained(lab: Lab, pyinfra: Pyinfra) -> None:
    globs = json.dumps(["k8s/**", "scripts/**", "docs/*.md"])
    _, output = pyinfra.deploy(
        "widen_changes_filter", "--dry", "--data", f"changes_filter_paths={globs}"
    )
    text = " ".join(output.replace("[@gitlab/projects/280]", "").split())
    assert "k8s/** matches no file of development: to GitLab it means the files right in" in text
    assert "k8s/**/* matches those, too" in text
    assert "scripts/** does not match all that is in scripts/" in text
    assert "docs/*.md matches no file of development" in text


PATHS = ("k8s/base/configmap.yaml", "src/cpp/config.example.json", "scripts/reset/reset.sh")


def said(output: str) -> str:
    return " ".join(output.replace("[@gitlab/projects/280]", "").split())


def test_it_is_said_which_jobs_a_push_of_each_path_gets_and_so_it_is(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    for path in PATHS:
        text = f"a push that changes only {path}: 8 jobs before, 19 after new: experiment:build, "
        assert text in said(output)
    assert said(output).count("complete: all 19 that are not started by hand") == 3
    assert "still missing" not in output
    assert "simulation says another thing" not in output
    for path in PATHS:
        text = file_of(lab, path) + "\n"
        number = max(lab.pipelines())
        somebody_commits(lab, path, text)
        assert max(lab.pipelines()) > number
        assert len(lab.jobs(max(lab.pipelines()))) == 19


def test_what_such_a_push_would_still_lack_is_named(lab: Lab, pyinfra: Pyinfra) -> None:
    """A filter that is not the same, or that no line can be added to, stays as it is."""
    head, reset, tail = file_of(lab, FILE).partition("experiment:reset:")
    tail = tail.replace("        - src/cpp/CMakeLists.txt\n", "", 1)
    somebody_commits(lab, FILE, head + reset + tail)
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    assert "still missing: experiment:reset: experiment:reset (rule 3 in line" in said(output)
    assert "GitLab would make no pipeline: experiment:mariadb needs experiment:reset" in said(
        output
    )


TEMPLATE = {"project": "comdare/ci-templates", "file": "/experiments.yml"}
INCLUDE = """include:
  - project: comdare/ci-templates
    ref: main
    file: /experiments.yml
"""


def test_what_is_included_is_named_with_its_place_and_pipelines_know_its_jobs(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    text = file_of(lab, FILE)
    lab.fault(action="share", project="comdare/ci-templates", file="experiments.yml", text=text)
    somebody_commits(lab, FILE, INCLUDE)
    number = max(lab.pipelines())
    assert len(lab.jobs(number)) == 19
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 1
    assert "Traceback" not in output
    where = "experiments.yml of project comdare/ci-templates (https://gitlab.example/comdare/ci"
    assert (
        "experiment:build is not in it, but in what it includes, and is to be changed there:"
        f" {where}" in said(output)
    )
    assert lab.mutations() == []
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 0, output
    assert max(lab.pipelines()) == number
    assert lab.pipelines()[number]["status"] != "canceled"
