"""deploys/widen_changes_filter.py: all lists with the filter grow."""

import pytest
from lab_process import Lab, Pyinfra
from remotes import file_of, somebody_commits
from widen_site import ADDED, COMMITS, FILE, LINT, is_done


def test_the_preview_shows_the_lines_and_writes_nothing(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    code, output = pyinfra.deploy("widen_changes_filter", "--dry", "-v")
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
    assert [r["path"].rpartition("/")[2] for r in asked] == [
        *("lint", "lint"),  # while it is prepared,
        *("lint", "lint", "commits"),  # and when its turn comes
    ]
    assert asked[0]["body"]["dry_run"]
    new = asked[-1]["body"]["actions"][0]["content"]
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
