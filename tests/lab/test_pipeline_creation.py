"""The lab's pipelines: which ones a push or the API makes."""

import base64

import gitlab
import pytest
from gitlab.v4.objects import Project
from lab_pipelines import LIVE, statuses, update
from lab_process import Lab


def test_a_push_has_its_pipeline_a_while_later(lab: Lab, project: Project) -> None:
    lab.fault(action="set", push_seconds=1)
    update(project, "src/cpp/main.cpp")
    assert max(lab.pipelines()) == LIVE
    lab.wait(lambda: max(lab.pipelines()) == LIVE + 1)


def test_all_jobs_of_a_new_pipeline_are_created_for_a_while(lab: Lab, project: Project) -> None:
    lab.fault(action="set", process_seconds=1)
    made = project.pipelines.create({"ref": "development"})
    assert made.status == "created"
    assert set(statuses(lab, made.id).values()) == {"created"}
    lab.wait(lambda: "pending" in statuses(lab, made.id).values())
    assert lab.pipelines()[made.id]["status"] == "pending"


def test_a_push_of_configuration_gives_8_jobs_and_the_api_21(prompt: Lab, project: Project) -> None:
    lab = prompt
    update(project, "k8s/base/configmap.yaml")
    assert lab.pipelines()[6937]["source"] == "push"
    jobs = lab.jobs(6937).values()
    assert (len(jobs), len({job["stage"] for job in jobs})) == (8, 2)
    made = project.pipelines.create({"ref": "development"})
    assert (made.id, made.source, made.sha) == (6938, "api", lab.pipelines()[6937]["sha"])
    jobs = lab.jobs(6938).values()
    assert (len(jobs), len({job["stage"] for job in jobs})) == (21, 7)


def test_a_push_of_the_program_gives_all_jobs_but_manual_ones(
    prompt: Lab, project: Project
) -> None:
    lab = prompt
    update(project, "src/cpp/main.cpp")
    assert len(lab.jobs(6937)) == 19
    assert set(lab.jobs(LIVE)) - set(lab.jobs(6937)) == {"experiment:run-all", "experiment:cleanup"}


def test_a_job_exists_only_where_three_variables_are_set(project: Project) -> None:
    given = {
        "ARCHIVE_URL": "https://archive.example",
        "ARCHIVE_USER": "lab",
        "ARCHIVE_PASSWORD": "x",
    }
    variables = [{"key": key, "value": value} for key, value in given.items()]
    for number, jobs in ((2, 21), (3, 22)):
        made = project.pipelines.create({"ref": "development", "variables": variables[:number]})
        assert len(made.jobs.list(get_all=True)) == jobs


def test_a_changed_filter_is_obeyed_as_ruby_reads_globs(prompt: Lab, project: Project) -> None:
    lab = prompt
    ci = ".gitlab-ci.yml"
    text = project.files.raw(ci, ref="development").decode()
    anchor = "        - .gitlab-ci.yml\n"
    for glob, jobs in [("k8s/**", 8), ("k8s/**/*", 19)]:
        change = text.replace(anchor, f"{anchor}        - {glob}\n")
        message = {"branch": "development", "commit_message": "Filter"}
        project.files.update(ci, {**message, "content": change})
        update(project, "k8s/base/configmap.yaml")
        assert len(lab.jobs(max(lab.pipelines()))) == jobs


def test_master_has_pipelines_of_the_api_and_none_of_a_push(lab: Lab, project: Project) -> None:
    update(project, "k8s/base/configmap.yaml", branch="master")
    assert max(lab.pipelines()) == LIVE
    made = project.pipelines.create({"ref": "master"})
    assert (made.id, made.source) == (LIVE + 1, "api")
    ci = project.files.raw(".gitlab-ci.yml", ref="master").decode()
    change = {"branch": "master", "commit_message": "Nothing runs here"}
    project.files.update(
        ".gitlab-ci.yml", {**change, "content": ci.replace('SOURCE == "api"', 'SOURCE == "chat"')}
    )
    with pytest.raises(gitlab.GitlabCreateError, match="filtered out by workflow rules"):
        project.pipelines.create({"ref": "master"})
    with pytest.raises(gitlab.GitlabCreateError, match="Reference not found"):
        project.pipelines.create({"ref": "nowhere"})
    assert max(lab.pipelines()) == LIVE + 1


def test_a_broken_file_makes_a_failed_pipeline(prompt: Lab, project: Project) -> None:
    lab = prompt
    change = {"branch": "development", "commit_message": "Break it"}
    content = base64.b64encode(b"job: [").decode()
    actions = [{"action": "update", "file_path": ".gitlab-ci.yml", "content": content}]
    actions[0]["encoding"] = "base64"
    project.commits.create({**change, "actions": actions})
    assert lab.pipelines()[6937]["status"] == "failed"
    assert lab.pipelines()[6937]["yaml_errors"]
