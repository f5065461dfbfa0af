"""deploys/kafka_config.py: the variables of the CI file that hold the endpoint."""

from kafka_config_site import COMMITS, CONFIG_MAP_FILE, JSON_FILE, PATCH, TITLE, is_done
from lab_process import Lab, Pyinfra
from remotes import file_of, log_of, run_git, served, somebody_commits

CI = ".gitlab-ci.yml"
DATA = ("--data", 'experiment_ci_variables={"KAFKA_PORT": "{port}"}')
OLD = "  KAFKA_PORT: '9092'  # where the clients connect\n"


def test_variables_of_the_ci_file_follow_in_the_same_commit(lab: Lab, pyinfra: Pyinfra) -> None:
    text = file_of(lab, CI).replace("\nvariables:\n", f"\nvariables:\n{OLD}")
    somebody_commits(lab, CI, text)
    start = lab.heads("gitlab")["development"]
    code, output = pyinfra.deploy("kafka_config", "--dry", *DATA)
    assert code == 0, output
    assert "KAFKA_PORT: 9092 -> 9094" in output
    assert f"1 in {CI}" in output
    assert lab.mutations() == []
    code, output = pyinfra.deploy("kafka_config", "-y", *DATA)
    assert code == 0, output
    is_done(lab, start)
    assert file_of(lab, CI) == text.replace(OLD, OLD.replace("9092", "9094"))
    assert log_of(lab, start) == [TITLE]
    changed = run_git(served(lab, "gitlab"), "diff", "--name-only", start, "development")
    assert sorted(changed.split()) == [CI, CONFIG_MAP_FILE, JSON_FILE]
    assert lab.mutations() == [PATCH, COMMITS]


def test_a_variable_that_the_file_does_not_set_is_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("kafka_config", "-y", *DATA)
    assert code == 1
    assert f"{CI} does not set KAFKA_PORT: it sets " in output
    assert "Traceback" not in output
    assert lab.mutations() == []
