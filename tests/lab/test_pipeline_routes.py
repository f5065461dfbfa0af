"""The lab's pipelines: what clients do with them."""

import gitlab
import pytest
from gitlab.v4.objects import Project
from lab_pipelines import ACTIVE, LIVE, TAGS, statuses, update
from lab_process import Lab


def test_cancel_is_always_200(lab: Lab, project: Project) -> None:
    pipeline = project.pipelines.get(ACTIVE)
    assert pipeline.cancel()["status"] == "canceling"
    lab.wait(lambda: lab.pipelines()[ACTIVE]["status"] == "canceled")
    assert not {"created", "pending"} & set(statuses(lab, ACTIVE).values())
    assert pipeline.cancel()["status"] == "canceled"
    assert project.pipelines.get(6931).cancel()["status"] == "canceled"


def test_a_running_job_is_canceling_before_it_is_canceled(lab: Lab, project: Project) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=30)
    lab.fault(action="set_tags", runner=8, tags=TAGS[8])
    lab.wait(lambda: statuses(lab, ACTIVE)["build-macos-arm"] == "running")
    number = lab.jobs(ACTIVE)["build-macos-arm"]["id"]
    assert project.jobs.get(number).cancel()["status"] == "canceling"
    lab.wait(lambda: statuses(lab, ACTIVE)["build-macos-arm"] == "canceled")


def test_a_pipeline_is_deleted_with_its_jobs(lab: Lab, project: Project) -> None:
    job = lab.jobs(6934)["build-k8s"]["id"]
    project.pipelines.delete(6934)
    with pytest.raises(gitlab.GitlabDeleteError) as caught:
        project.pipelines.delete(6934)
    assert caught.value.response_code == 404
    with pytest.raises(gitlab.GitlabGetError):
        project.jobs.get(job)


def test_retry_runs_what_failed_as_new_jobs(lab: Lab, project: Project) -> None:
    project.pipelines.get(6933).retry()
    pipeline = project.pipelines.get(6933)
    assert pipeline.status == "pending"
    assert len(pipeline.jobs.list(get_all=True)) == 8
    assert len(pipeline.jobs.list(include_retried=True, get_all=True)) == 15
    assert statuses(lab, 6933)["aggregate-results"] == "created"


def test_jobs_are_refused_as_gitlab_does(lab: Lab, project: Project) -> None:
    waiting = project.jobs.get(lab.jobs(LIVE)["experiment:build"]["id"])
    with pytest.raises(gitlab.GitlabJobRetryError, match="403 Forbidden - Job is not retryable"):
        waiting.retry()
    with pytest.raises(gitlab.GitlabJobPlayError, match="400 Bad request - Unplayable Job"):
        waiting.play()
    done = project.jobs.get(lab.jobs(LIVE)["build-k8s"]["id"])
    assert done.retry()["status"] == "pending"


def test_a_job_fails_on_demand(lab: Lab, project: Project) -> None:
    lab.fault(action="fail_job", job="experiment:build")
    lab.fault(action="set", loss_delay=3600, job_seconds=0.2)
    lab.fault(action="set_tags", runner=17, tags=TAGS[17])
    lab.wait(lambda: statuses(lab, LIVE)["experiment:build"] == "failed")
    job = lab.jobs(LIVE)["experiment:build"]
    assert job["failure_reason"] == "script_failure"
    [taken] = project.manager.gitlab.runners.get(17).jobs.list(status="failed", get_all=True)
    assert taken.id == job["id"]


def test_a_trace_is_text_and_can_be_set(lab: Lab, project: Project) -> None:
    waiting = project.jobs.get(lab.jobs(LIVE)["experiment:build"]["id"])
    assert waiting.trace() == b""
    lab.fault(action="set_trace", job="experiment:build", text="SASL FAIL\n")
    assert waiting.trace() == b"SASL FAIL\n"
    done = project.jobs.get(lab.jobs(LIVE)["build-k8s"]["id"])
    assert b"Job succeeded" in done.trace()


def test_a_job_ends_on_demand_with_its_usual_log_or_the_one_that_was_set(
    lab: Lab, project: Project
) -> None:
    lab.fault(action="finish_job", job="experiment:kafka")
    kafka = project.jobs.get(lab.jobs(LIVE)["experiment:kafka"]["id"])
    assert kafka.status == "success"
    assert b"Kafka producer ready" in kafka.trace()
    assert b"Kafka producer ready" in kafka.artifact("results/kafka/debug.log")
    with pytest.raises(gitlab.GitlabGetError, match="404"):
        kafka.artifact("results/other.log")
    assert statuses(lab, LIVE)["experiment:minio"] == "pending"
    lab.fault(action="set_trace", job="experiment:minio", text="no bucket\n")
    lab.fault(action="finish_job", job=lab.jobs(LIVE)["experiment:minio"]["id"], status="failed")
    minio = project.jobs.get(lab.jobs(LIVE)["experiment:minio"]["id"])
    assert (minio.status, minio.failure_reason) == ("failed", "script_failure")
    assert minio.trace() == b"no bucket\n"
    with pytest.raises(AssertionError, match="no job ends as running"):
        lab.fault(action="finish_job", job="experiment:redis", status="running")


def test_the_latest_pipeline_is_the_one_of_the_head(project: Project) -> None:
    assert project.pipelines.latest(ref="development").id == LIVE


def test_what_other_clients_read(project: Project) -> None:
    client = project.manager.gitlab
    everyone = list(range(6, 18))
    assert [runner.id for runner in client.runners.list(get_all=True)] == everyone
    assert [runner.id for runner in project.runners.list(get_all=True)] == everyone
    assert project.runners.list(tag_list="debian", get_all=True) == []
    names = [branch.name for branch in project.protectedbranches.list(get_all=True)]
    assert names == ["development", "master"]
    assert project.protectedbranches.get("master").allow_force_push is False
    with pytest.raises(gitlab.GitlabGetError):
        project.protectedbranches.get("other")
    assert project.pipelineschedules.list(get_all=True) == []
    assert project.pipelines.get(LIVE).bridges.list(get_all=True) == []
    assert "api" in client.personal_access_tokens.get("self").scopes


def test_the_linter_shows_the_merged_view_and_simulates_a_push(project: Project) -> None:
    found = project.ci_lint.get(content_ref="development", dry_run=True, include_jobs=True)
    assert found.valid
    assert len(found.jobs) == 19
    assert "!reference" not in found.merged_yaml
    text = (
        "a: {script: x}\nb: {script: x, needs: [a], rules: [{if: $CI_PIPELINE_SOURCE == 'push'}]}\n"
    )
    text += (
        "c: {script: x, needs: [d]}\nd: {script: x, rules: [{if: $CI_PIPELINE_SOURCE == 'api'}]}\n"
    )
    assert project.ci_lint.create({"content": text}).valid
    simulated = project.ci_lint.create({"content": text, "dry_run": True, "ref": "development"})
    assert not simulated.valid
    assert "'c' job needs 'd' job, but 'd' does not exist in the pipeline" in simulated.errors[0]


INPUTS = """\
spec:
  inputs:
    stage: {default: build}
    runs: {options: [always, never]%s}
---
a:
  stage: $[[ inputs.stage ]]
  script: echo "$[[inputs.stage]]"
  rules: [{when: "$[[ inputs.runs ]]"%s}]
"""


def test_the_merged_view_has_the_values_of_inputs(project: Project) -> None:
    found = project.ci_lint.create({"content": INPUTS % (", default: always", "")})
    assert found.errors == []
    assert "stage: build" in found.merged_yaml
    assert "spec" not in found.merged_yaml
    assert 'echo "build"' in found.merged_yaml


@pytest.mark.parametrize(
    ("default", "more", "error"),
    [
        ("", "", "`runs` input: required value has not been provided"),
        (", default: x", "", "`runs` input: `x` cannot be used because it is not in the list"),
        (", default: never", ", if: '$[[ inputs.y ]]'", "unknown interpolation key: `inputs.y`"),
    ],
)
def test_the_linter_refuses_inputs_without_a_value(
    project: Project, default: str, more: str, error: str
) -> None:
    found = project.ci_lint.create({"content": INPUTS % (default, more)})
    assert not found.valid
    assert error in found.errors[0]


def test_a_brace_that_is_not_closed_does_not_keep_a_push_from_its_pipeline(
    prompt: Lab, project: Project
) -> None:
    text = "a: {script: x, tags: [x]}\nb: {script: x, rules: [{changes: ['{a,b']}]}\n"
    change = {"branch": "development", "content": text, "commit_message": "Odd"}
    project.files.update(".gitlab-ci.yml", change)
    assert set(prompt.jobs(max(prompt.pipelines()))) == {"a"}


@pytest.mark.parametrize(
    ("on_new_commit", "is_running", "canceled"),
    [
        ("conservative", False, {"build", "measure"}),
        ("conservative", True, set()),
        ("interruptible", True, {"build"}),
        ("none", False, set()),
    ],
)
def test_a_new_pipeline_cancels_what_an_older_one_allows(
    prompt: Lab, project: Project, on_new_commit: str, is_running: bool, canceled: set[str]
) -> None:
    prompt.fault(action="set", loss_delay=3600, job_seconds=600)
    jobs = ("build: {script: x, tags: [a], interruptible: true}", "measure: {script: x, tags: [b]}")
    workflow = f"workflow: {{auto_cancel: {{on_new_commit: {on_new_commit}}}}}"
    text = "\n".join([workflow, *jobs, ""])
    change = {"branch": "development", "content": text, "commit_message": "Cancel"}
    project.files.update(".gitlab-ci.yml", change)
    old = max(prompt.pipelines())
    if is_running:
        prompt.fault(action="set_tags", runner=17, tags=["b"])
        prompt.wait(lambda: statuses(prompt, old)["measure"] == "running")
    update(project, "README.md")
    found = statuses(prompt, old)
    assert {job for job, status in found.items() if status == "canceled"} == canceled
    assert set(statuses(prompt, old + 1).values()) <= {"created", "pending"}
