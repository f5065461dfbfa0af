"""The lab's pipelines: who takes which job, and how a pipeline goes on."""

import gitlab
import pytest
from gitlab.v4.objects import Project
from lab_pipelines import ACTIVE, LIVE, TAGS, statuses
from lab_process import Lab

DEFUNCT = (6931, 6933, 6934, 6935)


@pytest.fixture
def tagged(lab: Lab) -> Lab:
    """The site with the tags that the waiting jobs need, and they stay."""
    lab.fault(action="set", loss_delay=3600, job_seconds=0.2)
    for runner, tags in TAGS.items():
        lab.fault(action="set_tags", runner=runner, tags=tags)
    return lab


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


def test_a_job_whose_pod_is_deleted_fails(lab: Lab, project: Project) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=3600)  # Else it may be over before that.
    project.pipelines.get(ACTIVE).cancel()  # The runner would take its job first.
    lab.fault(action="set_tags", runner=17, tags=TAGS[17])
    lab.wait(lambda: statuses(lab, LIVE)["experiment:build"] == "running")
    lab.fault(action="replace_pod", pod="gitlab-runner-4")
    lab.fault(action="set", job_seconds=0.1)
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
