"""deploys/verify_kafka_sasl.py: all links hold, and what it says of rights and libraries."""

import base64
import re

import pytest
from chain_site import LIBRARY, LINKS, PLAIN, RIGHTS, SECRET, VARIABLE, links, verify
from cluster import Cluster
from lab_process import Lab, Pyinfra
from record_files import observed


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
    [found] = observed(pyinfra)["chains"]
    assert {link["name"]: link["ok"] for link in found["links"]} == dict.fromkeys(LINKS, True)


def test_other_keys_of_the_secret_may_be_no_text(chain: Lab, pyinfra: Pyinfra) -> None:
    data = {"user.p12": base64.b64encode(b"\xff\x00").decode()}
    chain.fault(action="patch_object", kind="Secret", name="dedup-lab", patch={"data": data})
    code, found, output = verify(pyinfra)
    assert code == 0, output
    assert found[SECRET][0]


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


ACL = {"resource": {"type": "topic", "name": "dedup-", "patternType": "prefix"}}


@pytest.mark.parametrize(
    ("kind", "spec", "seen"),
    [
        (
            "KafkaUser",
            {"authorization": None},
            "no ACL lets dedup-lab write to dedup-lab-metrics, dedup-lab-events",
        ),
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
