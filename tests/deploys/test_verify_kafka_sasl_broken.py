"""deploys/verify_kafka_sasl.py: the broken link is the one that is named."""

import pytest
from chain_site import (
    CI,
    CLIENT,
    LINKS,
    LOGIN,
    NAME,
    PORT,
    SECRET,
    SELECTOR,
    SOURCE,
    USER,
    VARIABLE,
    Break,
    edit,
    hidden_variable,
    no_broker,
    no_file,
    no_listener,
    no_project,
    no_variable,
    secret,
    user_status,
    variable,
    verify,
)
from cluster import Cluster
from gitlab.v4.objects import Project
from lab_process import Lab, Pyinfra

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
        variable(environment_scope="production"),
        {VARIABLE: f"{NAME} (production) reaches no job: no job that uses it has an environment"},
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
        edit(CI, "\nvariables:\n", f"\nvariables:\n  KAFKA: {SHORT}.svc.cluster.local:9092\n"),
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
