"""deploys/verify_kafka_sasl.py: the broken link is the one that is named; no password is seen."""

import base64
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import gitlab
import pytest
from cluster import Cluster
from gitlab.v4.objects import Project
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for
from processes import process_list, reads_processes

CI, CLIENT = ".gitlab-ci.yml", "src/cpp/connectors/kafka_connector.cpp"
ACCESS = "src/cpp/config.hpp"
RIGHTS, SOURCE, LIBRARY = "rights of the user", "the client's source", "the client's library"
USER, SECRET, VARIABLE, LOGIN = (
    *("KafkaUser is Ready", "Secret has its keys", "CI/CD variable", "login with SCRAM"),
)
PORT, PLAIN = "the port in CI", "connection without login"
LINKS = [USER, RIGHTS, SECRET, VARIABLE, CI, SOURCE, LIBRARY, PORT, LOGIN]
ALL_LINKS = [*LINKS, PLAIN]
NAME = "DEDUP_KAFKA_PASSWORD"
USER_STATUS = "/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkausers/dedup-lab/status"
MERGE = "application/merge-patch+json"
BROKERS = "strimzi.io/broker-role=true"
SELECTOR = f"strimzi.io/cluster=kafka-cluster,{BROKERS}"


@pytest.fixture
def chain(lab: Lab, pyinfra: Pyinfra) -> Lab:
    """The site with all CI/CD variables, so that every link holds."""
    code, output = pyinfra.deploy("ci_variables", "-y", "--limit", "project")
    assert code == 0, output
    return lab


@pytest.fixture
def project(chain: Lab) -> Iterator[Project]:
    environment = chain.environment
    with gitlab.Gitlab(
        environment["GITLAB_URL"],
        private_token=environment["GITLAB_TOKEN"],
        ssl_verify=environment["GITLAB_CA_FILE"],
    ) as client:
        yield client.projects.get(280)


def verify(pyinfra: Pyinfra, *arguments: str) -> tuple[int, dict[str, tuple[bool, str]], str]:
    """Run it; return the exit code, for each link whether it holds and what was seen, the output.

    What was seen is returned without spaces: the table is wrapped.
    """
    code, output = pyinfra.deploy("verify_kafka_sasl", "-y", "--limit", "kafka_broker", *arguments)
    return code, links(output), output


def links(output: str) -> dict[str, tuple[bool, str]]:
    found: dict[str, tuple[bool, str]] = {}
    name = ""
    for line in output.splitlines():
        row = re.match(rf" +({'|'.join(map(re.escape, ALL_LINKS))}) +(yes|NO|-) +(.*)", line)
        if row:
            name = row[1]
            found[name] = (row[2] != "NO", "".join(row[3].split()))
        elif name and line.startswith(" " * 30):
            found[name] = (found[name][0], found[name][1] + "".join(line.split()))
        else:
            name = ""
    return found


def test_all_links_hold_and_the_login_is_made(chain: Lab, pyinfra: Pyinfra) -> None:
    before = chain.state()
    sent = len(chain.mutations())
    code, output = pyinfra.deploy("verify_kafka_sasl", "-y")
    assert code == 0, output
    assert {name: holds for name, (holds, _) in links(output).items()} == dict.fromkeys(LINKS, True)
    assert chain.state()["kafka"]["logins"] == [
        {"user": "dedup-lab", "listener": 9094, "success": True}
    ]
    assert len(chain.mutations()) == sent
    after = chain.state()
    assert after["pods"] == before["pods"]
    assert after["kubernetes"] == before["kubernetes"]


AT_PLAIN = ("--data", "kafka_port=9092")


def test_where_nobody_logs_in_it_says_what_does_not_apply(lab: Lab, pyinfra: Pyinfra) -> None:
    # Without the CI/CD variable: nothing of the login is asked, and nothing of it is missed.
    code, found, output = verify(pyinfra, *AT_PLAIN)
    assert code == 0, output
    assert list(found) == [*LINKS[:-1], PLAIN]
    for name in LINKS[:-2]:
        assert found[name][1] == "doesnotapply:nobodylogsinatport9092"
    assert found[PLAIN][1].endswith(":9092:3of3brokersanswered")
    assert lab.state()["kafka"]["logins"] == [{"user": None, "listener": 9092, "success": True}]
    asked = [request["path"] for request in lab.requests()]
    assert not [path for path in asked if "secrets" in path or "variables" in path]


def test_the_listener_without_login_may_be_gone(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    patch = {"spec": {"kafka": {"listeners": [{"name": "tls", "port": 9093, "tls": True}]}}}
    lab.fault(action="set", kafka_roll_seconds=0.2)
    lab.fault(action="patch_object", kind="Kafka", patch=patch)
    lab.wait(lambda: lab.state()["kafka"]["observedGeneration"] == 2)
    code, found, output = verify(pyinfra, *AT_PLAIN)
    assert code == 1, output
    assert not found[PLAIN][0]
    assert "RequestMETADATAfailed" in found[PLAIN][1]


def test_secret_and_variable_are_compared_by_their_fingerprints(
    chain: Lab, pyinfra: Pyinfra
) -> None:
    _, found, _ = verify(pyinfra)
    prints = [re.search(r"secret:[0-9a-f]{8}", found[name][1]) for name in (SECRET, VARIABLE)]
    assert len({match[0] for match in prints if match}) == 1
    assert all(prints)


def test_a_preview_logs_in_nowhere(chain: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("verify_kafka_sasl", "--dry", "--limit", "kafka_broker")
    assert code == 0, output
    assert "would verify the chain" in output
    assert chain.state()["kafka"]["logins"] == []


Break = Callable[[Lab, Cluster, Project], object]


def user_status(**status: object) -> Break:
    return lambda lab, cluster, project: cluster.request(
        "PATCH", USER_STATUS, {"status": status}, MERGE
    )


def secret(**data: str | None) -> Break:
    encoded = {
        name.replace("_", "."): None if text is None else base64.b64encode(text.encode()).decode()
        for name, text in data.items()
    }
    return lambda lab, cluster, project: cluster.patch(
        "secrets", "kafka", "dedup-lab", {"data": encoded}
    )


def variable(**changes: object) -> Break:
    return lambda lab, cluster, project: project.variables.update(NAME, changes)


def no_variable(lab: Lab, cluster: Cluster, project: Project) -> None:
    project.variables.delete(NAME)


def hidden_variable(lab: Lab, cluster: Cluster, project: Project) -> None:
    value = project.variables.get(NAME).value
    project.variables.delete(NAME)
    project.variables.create({"key": NAME, "value": value, "masked_and_hidden": True})


def edit(path: str, old: str, new: str) -> Break:
    def broken(lab: Lab, cluster: Cluster, project: Project) -> None:
        text = project.files.raw(path, ref="development").decode()
        assert old in text
        files = {path: text.replace(old, new)}
        lab.fault(action="commit", remote="gitlab", branch="development", files=files)

    return broken


def no_file(lab: Lab, cluster: Cluster, project: Project) -> None:
    lab.fault(action="commit", remote="gitlab", branch="development", files={CLIENT: None})


def no_listener(lab: Lab, cluster: Cluster, project: Project) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.2)
    patch = {"spec": {"kafka": {"listeners": [{"name": "plain", "port": 9092, "tls": False}]}}}
    lab.fault(action="patch_object", kind="Kafka", patch=patch)
    lab.wait(lambda: lab.state()["kafka"]["observedGeneration"] == 2)


def no_broker(lab: Lab, cluster: Cluster, project: Project) -> None:
    lab.fault(action="never_ready", label=BROKERS)
    for number in range(3):
        path = f"/api/v1/namespaces/kafka/pods/kafka-cluster-kafka-{number}"
        cluster.request("DELETE", path, {"gracePeriodSeconds": 0})


def no_project(lab: Lab, cluster: Cluster, project: Project) -> None:
    lab.fault(
        system="gitlab", method="GET", path="/projects/280/variables", action="status",
        status=503, times=-1,
    )  # fmt: skip


SHORT = "kafka-cluster-kafka-bootstrap.kafka"
EXPORT = 'export KAFKA_PASSWORD="${DEDUP_KAFKA_PASSWORD}"'
BROKEN: dict[str, tuple[Break, dict[str, str]]] = {
    "the operator has not seen the user": (user_status(observedGeneration=0), {USER: "observed 0"}),
    "the user is not ready": (
        user_status(conditions=[{"type": "NotReady", "status": "True", "reason": "Quota"}]),
        {USER: "NotReady True (Quota)", LOGIN: "invalid credentials"},
    ),
    "no jaas": (secret(sasl_jaas_config=None), {SECRET: "without sasl.jaas.config"}),
    "no password": (
        secret(password=None),
        {
            SECRET: "without password",
            VARIABLE: "the Secret has no password to compare it with",
            LOGIN: "there is no password to log in with",
        },
    ),
    "another password in jaas": (
        secret(sasl_jaas_config='required username="dedup-lab" password="other";'),
        {SECRET: "the password in sasl.jaas.config is another one"},
    ),
    "no variable": (no_variable, {VARIABLE: f"{NAME} (*) does not exist"}),
    "unmasked": (variable(masked=False), {VARIABLE: f"{NAME} (*) is not masked"}),
    "another value": (
        variable(value="another-value-4711"), {VARIABLE: "has another value: secret:"}
    ),
    "another scope": (
        variable(environment_scope="production"), {VARIABLE: f"{NAME} (*) does not exist"}
    ),
    "hidden": (hidden_variable, {VARIABLE: "is hidden: its value cannot be compared"}),
    "no export": (edit(CI, f"    - {EXPORT}\n", ""), {CI: "no line matches"}),
    "the export is a comment": (edit(CI, f"- {EXPORT}", f"# - {EXPORT}"), {CI: "no line matches"}),
    "the export is of another variable": (
        edit(CI, EXPORT, EXPORT.replace('}"', '_OLD}"')), {CI: "no line matches"}
    ),
    "CI sets another port": (
        edit(CI, EXPORT, f'{EXPORT}\n    - export KAFKA_BOOTSTRAP="{SHORT}:9092"'),
        {PORT: "not 9094: line"},
    ),
    "a variable of CI has another port": (
        edit(CI, "variables:\n", f"variables:\n  KAFKA: {SHORT}.svc.cluster.local:9092\n"),
        {PORT: f"KAFKA: {SHORT}.svc.cluster.local:9092"},
    ),
    "no getenv": (
        edit(CLIENT, 'std::getenv("KAFKA_PASSWORD")', "nullptr"),
        {SOURCE: f"{CLIENT}: no line matches"},
    ),
    "getenv in a comment": (
        edit(CLIENT, "const char* value", "const char* value = nullptr;  //"),
        {SOURCE: f"{CLIENT}: no line matches"},
    ),
    "no client file": (no_file, {SOURCE: f"{CLIENT}: development has no such file"}),
    "no listener": (no_listener, {LOGIN: "Request METADATA failed on brokers"}),
    "no broker": (no_broker, {LOGIN: f"no pod is ready with {SELECTOR}"}),
    "GitLab does not answer": (no_project, {VARIABLE: "not readable:"}),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_link_is_the_one_that_is_named(
    chain: Lab, pyinfra: Pyinfra, cluster: Cluster, project: Project, what: str
) -> None:
    breaks, expected = BROKEN[what]
    breaks(chain, cluster, project)
    sent = len(chain.mutations())
    code, found, output = verify(pyinfra)
    assert code == 1
    assert list(found) == LINKS, output
    assert {name for name, (holds, _) in found.items() if not holds} == set(expected), output
    for name, text in expected.items():
        assert text.replace(" ", "") in found[name][1]
    assert "Traceback" not in output
    assert len(chain.mutations()) == sent


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


ACL = {"resource": {"type": "topic", "name": "dedup-", "patternType": "prefix"}}


@pytest.mark.parametrize(
    ("kind", "spec", "seen"),
    [
        ("KafkaUser", {"authorization": None}, "no ACL lets dedup-lab write to dedup-results"),
        (
            "KafkaUser",
            {"authorization": {"acls": [{**ACL, "operations": ["Read"]}]}},
            "no ACL lets dedup-lab write",
        ),
        (
            "Kafka",
            {"kafka": {"authorization": None}},
            "no spec.kafka.authorization: everybody may do everything",
        ),
    ],
    ids=["no ACL", "may only read", "no authorizer"],
)
def test_a_user_that_may_not_write_is_no_yes(
    chain: Lab, pyinfra: Pyinfra, kind: str, spec: dict[str, object], seen: str
) -> None:
    chain.fault(action="set", kafka_roll_seconds=0.2)
    chain.fault(action="patch_object", kind=kind, patch={"spec": spec})
    code, found, _ = verify(pyinfra)
    assert code == 1
    assert not found[RIGHTS][0]
    assert seen.replace(" ", "") in found[RIGHTS][1]


def test_a_library_that_cannot_log_in_is_named_with_its_source(
    chain: Lab, pyinfra: Pyinfra
) -> None:
    pyinfra.environment["KAFKA_CLIENT_LIBRARY"] = "librdkafka 2.0.2"
    code, found, _ = verify(pyinfra)
    assert code == 1
    assert {name for name, (holds, _) in found.items() if not holds} == {LIBRARY}
    assert "librdkafka2.0.2cannotlogintoKafka4.1.1" in found[LIBRARY][1]
    assert (
        "take2.6.1orlater(https://github.com/confluentinc/librdkafka/pull/4895)"
        in (found[LIBRARY][1])
    )


def test_a_library_that_nobody_knows_is_no_yes_and_a_log_may_name_it(
    chain: Lab, pyinfra: Pyinfra
) -> None:
    pyinfra.environment["KAFKA_CLIENT_LIBRARY"] = ""
    code, found, _ = verify(pyinfra)
    assert code == 1
    assert "libraryunknown,brokers4.1.1:itisnotknown" in found[LIBRARY][1]
    chain.fault(action="finish_job", job="experiment:kafka")
    code, found, output = verify(pyinfra)
    assert code == 0, output
    assert found[LIBRARY] == (True, "librdkafka2.8.0withKafka4.1.1")


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
