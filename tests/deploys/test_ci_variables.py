"""deploys/ci_variables.py: six masked variables, of which only what differs is sent."""

from lab_process import Lab, Pyinfra
from variables_site import CANARY, DONE, KEYS, MISSING, create, digest, is_done, variables


def test_all_six_exist_masked_with_the_values_of_the_store(lab: Lab, pyinfra: Pyinfra) -> None:
    before = variables(lab)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)
    after = variables(lab)
    assert set(after) == set(before) | {(key, "*") for key in KEYS}
    untouched = ("RESULTS_BUCKET", "*"), ("DEDUP_PG_PASSWORD", "*")
    assert [after[name] for name in untouched] == [before[name] for name in untouched]
    assert sorted(lab.mutations()) == sorted(DONE)
    code, output = pyinfra.deploy("ci_variables", "-y", "-v")
    assert code == 0, output
    assert sorted(lab.mutations()) == sorted(DONE)
    for key in KEYS:
        assert f"{key} (*) is as wanted" in output


def test_the_preview_shows_each_change_and_sends_none(lab: Lab, pyinfra: Pyinfra) -> None:
    before = variables(lab)
    code, output = pyinfra.deploy("ci_variables", "--dry")
    assert code == 0, output
    assert lab.mutations() == []
    assert variables(lab) == before
    assert "DEDUP_CRDB_PASSWORD (*).masked: false -> true" in output
    for key in MISSING:
        assert f"{key} (*): (absent) -> secret:" in output
    assert "DEDUP_PG_PASSWORD" not in output


def test_only_what_differs_is_sent(lab: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.deploy("ci_variables", "-y")
    [put] = [r for r in lab.requests(mutating="true") if r["method"] == "PUT"]
    assert put["body"] == {"masked": True}


def test_a_value_that_changed_in_the_store_is_set(lab: Lab, pyinfra: Pyinfra) -> None:
    new = "another-value-4711"
    code, output = pyinfra.deploy("ci_variables", "-y", DEDUP_PG_PASSWORD=new)
    assert code == 0, output
    assert variables(lab)["DEDUP_PG_PASSWORD", "*"]["digest"] == digest(new)
    assert "DEDUP_PG_PASSWORD (*).value: secret:" in output
    assert new not in output


def test_the_same_key_in_another_scope_is_another_variable(lab: Lab, pyinfra: Pyinfra) -> None:
    value = "of-production-4711"
    create(lab, key="DEDUP_CRDB_PASSWORD", value=value, environment_scope="production")
    create(lab, key="DEDUP_KAFKA_PASSWORD", value=value, environment_scope="production")
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    is_done(lab)
    for key in ("DEDUP_CRDB_PASSWORD", "DEDUP_KAFKA_PASSWORD"):
        other = variables(lab)[key, "production"]
        assert (other["digest"], other["masked"]) == (digest(value), False)
    sent = len(lab.mutations())
    code, output = pyinfra.deploy("ci_variables", "-y", "--data", "ci_variables_scope=production")
    assert code == 0, output
    is_done(lab, "production")
    is_done(lab)
    assert len(lab.mutations()) == sent + 6


def test_a_hidden_variable_is_explained_and_not_compared(lab: Lab, pyinfra: Pyinfra) -> None:
    settings = {"key": "DEDUP_REDIS_PASSWORD", "value": CANARY, "masked_and_hidden": True}
    create(lab, **settings)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    assert "DEDUP_REDIS_PASSWORD (*) is hidden: its value is not compared" in output
    assert variables(lab)["DEDUP_REDIS_PASSWORD", "*"]["digest"] == digest(CANARY)
    assert not [path for path in lab.mutations() if "REDIS" in path]
