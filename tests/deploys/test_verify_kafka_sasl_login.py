"""deploys/verify_kafka_sasl.py: the login itself; no password is seen."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from chain_site import BROKERS, LOGIN, NAME, SECRET, SOURCE, links, secret, verify
from cluster import Cluster
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for
from processes import process_list, reads_processes


def test_a_login_that_is_refused_shows_no_password(
    chain: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    """The Secret is changed after it was read, while GitLab hesitates to give the client's file."""
    chain.fault(
        system="gitlab", method="GET", path="kafka_connector.cpp", action="timeout", seconds=4
    )
    process = pyinfra.start("inventory.py", "deploys/verify_kafka_sasl.py", "-y", "-vvv")
    wait_for(lambda: any("kafka_connector" in r["path"] for r in chain.requests(system="gitlab")))
    secret(password="another-password-4711")(chain, cluster, None)  # type: ignore[arg-type]
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    found = links(output)
    assert {name for name, (holds, _) in found.items() if not holds} == {SOURCE, LOGIN}
    assert "invalidcredentials" in found[LOGIN][1]
    assert [login["success"] for login in chain.state()["kafka"]["logins"]] == [False]
    assert chain.environment[NAME] not in output


@pytest.mark.parametrize(
    "password",
    ['a"b"c-4711', "back\\slash\\\\", "grün-ß-4711", "😀-4711", " # a=b: !c ", "ends-with\\"],
    ids=["quote", "backslash", "letters", "emoji", "signs", "end"],
)
def test_every_password_logs_in(
    chain: Lab, pyinfra: Pyinfra, cluster: Cluster, password: str
) -> None:
    jaas = f'required username="dedup-lab" password="{password}";'  # Strimzi does not escape there.
    secret(password=password, sasl_jaas_config=jaas)(chain, cluster, None)  # type: ignore[arg-type]
    _, found, output = verify(pyinfra)
    assert found[SECRET][0], output
    assert found[LOGIN][0], output
    assert chain.state()["kafka"]["logins"][-1]["success"]
    assert password not in output


def test_each_broker_has_to_answer(chain: Lab, pyinfra: Pyinfra) -> None:
    """The program ends with exit code 0 where a broker's advertised address cannot be reached."""
    chain.fault(action="set", kafka_unreachable=[1])
    code, found, _ = verify(pyinfra)
    assert code == 1
    assert not found[LOGIN][0]
    assert "broker1atkafka-cluster-kafka-1." in found[LOGIN][1]
    assert "DisconnectException(itsadvertisedaddresscannotbereached)" in found[LOGIN][1]


def test_a_broker_that_is_not_there_is_missed(
    chain: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    chain.fault(action="never_ready", label=BROKERS)
    path = "/api/v1/namespaces/kafka/pods/kafka-cluster-kafka-2"
    cluster.request("DELETE", path, {"gracePeriodSeconds": 0})
    code, found, _ = verify(pyinfra)
    assert code == 1
    assert found[LOGIN] == (False, "2of3brokersanswered")


def test_a_program_that_fails_is_named_with_its_exit_code_and_the_likely_cause(
    chain: Lab, pyinfra: Pyinfra
) -> None:
    """Its last line is empty."""
    ports = ("--data", "kafka_port=9095", "--data", "kafka_login_ports=9095")
    code, found, _ = verify(pyinfra, *ports)
    assert code == 1
    assert "RequestMETADATAfailedonbrokers" in found[LOGIN][1]
    assert found[LOGIN][1].endswith("(exitcode1):nothinglistensthere,oritspeaksanotherprotocol")


@reads_processes
@pytest.mark.parametrize("verbosity", ["-vvv", "--debug", "--json"])
def test_the_password_travels_on_stdin_alone(chain: Lab, pyinfra: Pyinfra, verbosity: str) -> None:
    password = chain.environment[NAME]
    chain.fault(action="set", kafka_login_seconds=2)
    process = pyinfra.start(
        "inventory.py", "deploys/verify_kafka_sasl.py", "-y", verbosity, "--limit", "kafka_broker"
    )
    seen = []
    output = None
    while output is None:
        seen.append(process_list())
        with suppress(subprocess.TimeoutExpired):
            output, _ = process.communicate(timeout=0.1)
    assert process.returncode == 0, output
    assert any("kafka/client.py" in listing for listing in seen), "the login was not sampled"
    assert not any(password in listing for listing in seen)
    assert password not in output
    assert not [p for p in pyinfra.directory.rglob("*") if p.is_file() and has(p, password)]
    assert password not in str(chain.state()["pods"])
    assert chain.state()["kafka"]["logins"][0]["success"]


def has(path: Path, text: str) -> bool:
    return text in path.read_text(errors="replace")
