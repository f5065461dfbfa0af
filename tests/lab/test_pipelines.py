"""Pipelines, jobs and the runners that take them, with python-gitlab.

Covered: the state of 2026-02-23, what starts a pipeline and which jobs it has, cancelling, retrying
and deleting, who picks up which job, runner 17 and its pod, logs. Left out on purpose: bridges,
artifacts, schedules and merge requests, which the lab does not have.
"""

import base64

import gitlab
import pytest
from gitlab.v4.objects import Project
from lab_process import Lab

LIVE, ACTIVE = 6936, 6932
DEFUNCT = (6931, 6933, 6934, 6935)
TAGS = {
    # Enough runners for the builds: 17 would take them, too, and stop polling after one.
    6: ["kubernetes"],
    15: ["kubernetes"],
    16: ["kubernetes"],
    8: ["macos", "arm64"],
    11: ["debian", "x86_64"],
    13: ["ubuntu", "x86_64"],
    17: ["kubernetes", "experiment"],
}


@pytest.fixture
def tagged(lab: Lab) -> Lab:
    """The site with the tags that the waiting jobs need, and they stay."""
    lab.fault(action="set", loss_delay=3600, job_seconds=0.2)
    for runner, tags in TAGS.items():
        lab.fault(action="set_tags", runner=runner, tags=tags)
    return lab


def statuses(lab: Lab, pipeline: int) -> dict[str, str]:
    return {name: job["status"] for name, job in lab.jobs(pipeline).items()}


@pytest.fixture
def prompt(lab: Lab) -> Lab:
    """The site, where a push has its pipeline as soon as it is answered."""
    lab.fault(action="set", push_seconds=0)
    return lab


def update(project: Project, path: str, branch: str = "development") -> None:
    text = project.files.raw(path, ref=branch).decode() + "\n"
    change = {"branch": branch, "content": text, "commit_message": f"Touch {path}"}
    project.files.update(path, change)


def test_the_pipelines_are_as_they_were(lab: Lab, project: Project) -> None:
    found = project.pipelines.list(ref="development", get_all=True)
    assert [pipeline.id for pipeline in found] == [6936, 6935, 6934, 6933, 6932, 6931]
    live = project.pipelines.get(LIVE)
    assert (live.status, live.source) == ("running", "api")
    assert live.sha == lab.heads("gitlab")["development"]
    jobs = statuses(lab, LIVE)
    assert len(jobs) == 21
    assert len({job["stage"] for job in lab.jobs(LIVE).values()}) == 7
    pending = {"build-debian-x86", "build-ubuntu-x86", "build-macos-arm", "experiment:build"}
    assert {name for name, status in jobs.items() if status == "pending"} == pending
    assert list(jobs.values()).count("success") == 4
    for number in DEFUNCT:
        assert not {"created", "pending", "running"} & set(statuses(lab, number).values())
    assert "pending" in statuses(lab, ACTIVE).values()
    assert len(lab.jobs(6935)) == 8
    assert "success" in statuses(lab, 6931).values()


def test_a_job_says_what_it_needs_and_how_long_it_waits(project: Project) -> None:
    jobs = {job.name: job for job in project.pipelines.get(LIVE).jobs.list(get_all=True)}
    waiting = jobs["experiment:build"]
    assert waiting.tag_list == ["experiment", "kubernetes"]
    assert waiting.runner is None
    assert waiting.queued_duration > 0
    done = jobs["build-k8s"]
    assert done.runner["description"] == "k8s-runner"
    assert done.duration == 214
    assert "failure_reason" not in done.attributes
    failed = project.pipelines.get(6933).jobs.list(scope=["failed"], per_page=2, get_all=True)
    assert {job.failure_reason for job in failed} == {"stuck_or_timeout_failure"}
    assert len(failed) == 7


def test_without_tags_nothing_is_picked_up(lab: Lab) -> None:
    before = statuses(lab, LIVE)
    polled = lab.runners()[11]["contacted_at"]
    lab.wait(lambda: lab.runners()[11]["contacted_at"] > polled)
    assert statuses(lab, LIVE) == before


def test_a_job_is_picked_up_only_by_a_runner_with_all_its_tags(lab: Lab) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=0.1)
    lab.fault(action="set_tags", runner=11, tags=["debian"])
    lab.fault(action="set_tags", runner=13, tags=["x86_64", "ubuntu", "more"])
    lab.wait(lambda: statuses(lab, LIVE)["build-ubuntu-x86"] == "success")
    assert lab.jobs(LIVE)["build-ubuntu-x86"]["runner"] == 13
    assert statuses(lab, LIVE)["build-debian-x86"] == "pending"


@pytest.mark.parametrize("state", ["paused", "offline"])
def test_a_runner_that_is_paused_or_offline_takes_nothing(
    lab: Lab, python_gitlab: gitlab.Gitlab, state: str
) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=0.1)
    if state == "paused":
        python_gitlab.runners.update(11, {"paused": True, "tag_list": TAGS[11]})
    else:
        lab.fault(action="set_online", runner=11, online=False)
        lab.fault(action="set_tags", runner=11, tags=TAGS[11])
    polled = lab.runners()[13]["contacted_at"]
    lab.wait(lambda: lab.runners()[13]["contacted_at"] > polled)
    assert statuses(lab, LIVE)["build-debian-x86"] == "pending"


def test_runner_17_stops_polling_until_its_pod_is_replaced(tagged: Lab) -> None:
    lab = tagged
    lab.wait(lambda: statuses(lab, LIVE)["experiment:build"] == "success")
    assert not lab.project()["runners"]["17"]["polling"]
    polled = lab.runners()[17]["contacted_at"]
    other = lab.runners()[6]["contacted_at"]
    lab.wait(lambda: lab.runners()[6]["contacted_at"] > other)
    assert lab.runners()[17]["contacted_at"] == polled
    assert statuses(lab, LIVE)["experiment:preflight"] == "pending"
    lab.fault(action="replace_pod", pod="gitlab-runner-4")
    lab.wait(lambda: statuses(lab, LIVE)["experiment:preflight"] == "success")


def test_a_job_whose_pod_is_deleted_fails(lab: Lab) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=1)
    lab.fault(action="set_tags", runner=17, tags=TAGS[17])
    lab.wait(lambda: statuses(lab, LIVE)["experiment:build"] == "running")
    lab.fault(action="replace_pod", pod="gitlab-runner-4")
    lab.wait(lambda: statuses(lab, LIVE)["experiment:build"] == "failed")
    assert lab.jobs(LIVE)["experiment:build"]["failure_reason"] == "runner_system_failure"
    assert statuses(lab, LIVE)["experiment:preflight"] == "skipped"


def test_the_live_pipeline_runs_to_its_end_in_the_right_order(
    tagged: Lab, project: Project
) -> None:
    lab = tagged

    def is_done() -> bool:
        state = lab.state()
        stuck = not state["project"]["runners"]["17"]["polling"]
        pods = (o["object"] for o in state["kubernetes"]["objects"] if o["kind"] == "Pod")
        [pod] = [p for p in pods if p["metadata"]["labels"].get("app") == "gitlab-runner-4"]
        if stuck and pod["status"]["conditions"][0]["status"] == "True":
            lab.fault(action="replace_pod", pod="gitlab-runner-4")
        [live] = [p for p in state["project"]["pipelines"] if p["id"] == LIVE]
        return live["status"] == "success"

    lab.wait(is_done)
    manual = {name for name, status in statuses(lab, LIVE).items() if status == "manual"}
    assert manual == {"experiment:run-all", "experiment:cleanup"}
    jobs = [j for j in project.pipelines.get(LIVE).jobs.list(get_all=True) if j.started_at]
    names = [job.name for job in sorted(jobs, key=lambda job: job.started_at)]
    run = [n.partition(":")[2] for n in names if n.startswith("experiment:")][3:-1]
    order = "mariadb clickhouse redis kafka minio postgresql cockroachdb"
    assert run == order.split()
    [kafka] = [job for job in jobs if job.name == "experiment:kafka"]
    line = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local:9094, user=dedup-lab)"
    assert f"Kafka producer ready ({line}" in project.jobs.get(kafka.id).trace().decode()


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
