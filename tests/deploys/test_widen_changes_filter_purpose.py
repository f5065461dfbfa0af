"""deploys/widen_changes_filter.py: which jobs a push of each path gets."""

import json

import pytest
from lab_process import Lab, Pyinfra
from remotes import file_of, somebody_commits
from widen_site import FILE


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
    # What becomes of them alike is said once.
    paths = ", or only ".join(PATHS)
    text = f"a push that changes only {paths}: 8 jobs before, 19 after new: experiment:build, "
    assert text in said(output)
    assert said(output).count("complete: all 19 that are not started by hand") == 1
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


INCLUDE = """include:
  - project: comdare/ci-templates
    ref: main
    file: /experiments.yml
"""


@pytest.mark.parametrize(
    ("kind", "name", "place"),
    [
        (
            "template",
            "Shop.gitlab-ci.yml",
            "GitLab's own template Shop.gitlab-ci.yml (https://gitl",
        ),
        ("remote", "https://ci.example/a.yml", "the file at https://ci.example/a.yml"),
        ("component", "gitlab.example/a/b@1.0", "the component gitlab.example/a/b@1.0 (https://"),
    ],
)
def test_each_kind_of_include_is_named_with_its_place(
    lab: Lab, pyinfra: Pyinfra, kind: str, name: str, place: str
) -> None:
    lab.fault(action="share", project=kind, file=name, text=file_of(lab, FILE))
    somebody_commits(lab, FILE, f"include:\n  - {kind}: {name}\n")
    assert len(lab.jobs(max(lab.pipelines()))) == 19
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 1
    assert f"is to be changed there: {place}" in said(output)
    assert lab.mutations() == []


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
