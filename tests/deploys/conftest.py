"""Fixtures of the tests of deploys."""

from collections.abc import Iterator
from pathlib import Path

import gitlab
import pytest
from experiment_site import have_short_pipeline
from gitlab.v4.objects import Project
from lab_process import Lab, Pyinfra
from pipelines_site import PUSHED
from rbac_site import NAME, RULES, WIDE
from sync_site import git


@pytest.fixture
def short(lab: Lab) -> Lab:
    """The site with a active pipeline of three experiment jobs that run one after the other."""
    have_short_pipeline(lab)
    return lab


@pytest.fixture
def chain(lab: Lab, pyinfra: Pyinfra) -> Lab:
    """The site with all CI/CD variables, so that every link of the chain to Kafka holds."""
    code, output = pyinfra.deploy("ci_variables", "-y", "--limit", "project")
    assert code == 0, output
    return lab


@pytest.fixture
def colleague(lab: Lab) -> Iterator[gitlab.Gitlab]:
    """Somebody else, with python-gitlab."""
    environment = lab.environment
    with gitlab.Gitlab(
        environment["GITLAB_URL"],
        private_token=environment["GITLAB_TOKEN"],
        ssl_verify=environment["GITLAB_CA_FILE"],
    ) as client:
        yield client


@pytest.fixture
def project(colleague: gitlab.Gitlab) -> Project:
    """The project, for somebody else."""
    return colleague.projects.get(280)


@pytest.fixture
def proof(pyinfra: Pyinfra) -> Path:
    """The file of the proof for `revert_super_users`, in a directory of this test's own."""
    pyinfra.environment["EVIDENCE_DIRECTORY"] = str(pyinfra.directory / "evidence")
    return pyinfra.directory / "evidence" / "super_users.json"


@pytest.fixture
def proven(lab: Lab, proof: Path) -> Lab:
    """The site after a job of the required commit has logged in with SCRAM."""
    lab.fault(action="set", kafka_roll_seconds=0.5)
    lab.fault(action="finish_job", job="experiment:kafka")
    return lab


@pytest.fixture
def unbound(lab: Lab) -> Lab:
    """The site where nothing binds the role any more."""
    lab.fault(action="delete_object", kind="ClusterRoleBinding", name=WIDE)
    return lab


@pytest.fixture
def bare(unbound: Lab, pyinfra: Pyinfra) -> Lab:
    """The site where the role lacks rules and a binding, and one namespace of databases counts."""
    unbound.fault(action="patch_object", kind="ClusterRole", name=NAME, patch={"rules": RULES[:1]})
    pyinfra.environment["DATABASE_NAMESPACES"] = "databases"
    return unbound


@pytest.fixture
def pushed(lab: Lab) -> Lab:
    """The site after a push of configuration only, whose pipeline has 8 jobs in 2 stages."""
    lab.fault(action="commit", remote="gitlab", branch="development")
    assert len(lab.jobs(PUSHED)) == 8
    return lab


@pytest.fixture
def start(lab: Lab) -> str:
    """The commit of `development` at the beginning; `master` is five commits behind."""
    return lab.environment["SASL_REQUIRED_COMMIT"]


@pytest.fixture
def never_forced(lab: Lab) -> Iterator[None]:
    """No push that was sent, whether it was taken or not, would have lost a commit."""
    yield
    for request in lab.requests(mutating="true"):
        for update in (request["body"] or {}).get("updates", []):
            git(lab, "merge-base", "--is-ancestor", update["old"], update["new"])


@pytest.fixture
def undisturbed(lab: Lab) -> Lab:
    """The site where nobody but a run changes anything: no loss, no enforcer, no end of a job."""
    lab.fault(action="set", loss_delay=3600, job_seconds=3600, kafka_roll_seconds=0.5)
    lab.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": True}})
    return lab
