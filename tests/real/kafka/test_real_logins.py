"""The login of the chain: the product's command line and its parser, with real brokers."""

from collections.abc import Callable, Iterator

import pytest
from pyinfra.api.host import Host
from real import free_ports
from real_kafka import RealKafka, Rights

from ops.kafka.connection import answers, properties

pytestmark = pytest.mark.real

PASSWORDS = {
    "plain": "plain-4711",
    "quotes": """a"b'c\"""",
    "backslashes": "\\a\\\\b\\",
    "umlauts": "grün-ß-€",
    "beyond the plane": "😀",
    "spaces": " lead, trail  and\ttab ",
    "400 characters": "x1Y-" * 100,
    "a shell": "'$(id)`id`;|&>$HOME",
    "properties": "a=b:c#d!e",
    "JAAS": '";username=x, {[%s]}',
}
CLOSED = "nothing listens there"


@pytest.fixture(scope="module")
def kafka(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKafka]:
    """A cluster with a user for each password; none has a right of any kind."""
    directory = tmp_path_factory.mktemp("kafka")
    users = {f"user-{number}": text for number, text in enumerate(PASSWORDS.values())}
    kafka = RealKafka(version, directory, Rights(), users)
    yield kafka
    kafka.stop()


@pytest.mark.parametrize("kind", PASSWORDS)
def test_a_user_gets_in_with_its_password_and_needs_no_rights_for_that(
    kafka: RealKafka, pod: Host, kind: str
) -> None:
    name = f"user-{list(PASSWORDS).index(kind)}"
    lines = properties(name, PASSWORDS[kind])
    seen = answers(pod, kafka.programs, kafka.address("SCRAM"), lines, 1)
    assert seen == (True, "1 of 1 brokers answered")


@pytest.mark.parametrize(
    ("listener", "user", "password", "what", "cause"),
    [
        ("SCRAM", "user-0", "wrong", "SaslAuthenticationException: ", "another password, or no"),
        ("SCRAM", "nobody", "plain-4711", "SaslAuthenticationException: ", "or no such user"),
        ("PLAIN", "user-0", "plain-4711", "IllegalSaslStateException: ", "takes no login"),
        ("TLS", "user-0", "plain-4711", "", "another protocol at that port, such as TLS"),
    ],
)
def test_a_login_that_is_refused_says_why(
    kafka: RealKafka, pod: Host, listener: str, user: str, password: str, what: str, cause: str
) -> None:
    address = kafka.address(listener)
    done, seen = answers(pod, kafka.programs, address, properties(user, password), 1)
    assert not done
    assert what in seen
    assert "(exit code 1): " in seen
    assert cause in seen
    assert password not in seen


@pytest.mark.parametrize(
    ("address", "what", "cause"),
    [
        ("127.0.0.1:{closed}", "Request METADATA failed on brokers", CLOSED),
        ("no-such-host.invalid:9094", "No resolvable bootstrap urls", "name of the host"),
    ],
)
def test_an_address_where_no_broker_is(
    kafka: RealKafka, pod: Host, address: str, what: str, cause: str
) -> None:
    address = address.format(closed=free_ports(1)[0])
    lines = properties("user-0", "plain-4711")
    done, seen = answers(pod, kafka.programs, address, lines, 1)
    assert not done
    assert what in seen
    assert cause in seen


def test_a_listener_that_wants_a_login_does_not_let_anybody_in(kafka: RealKafka, pod: Host) -> None:
    plain = ["security.protocol=PLAINTEXT"]
    assert answers(pod, kafka.programs, kafka.address("PLAIN"), plain, 1)[0]
    done, seen = answers(pod, kafka.programs, kafka.address("SCRAM"), plain, 1)
    assert not done
    assert "Request METADATA failed" in seen


def test_a_broker_whose_advertised_address_cannot_be_reached(
    start: Callable[..., RealKafka], pod: Host
) -> None:
    kafka = start(users={"dedup-lab": "x"}, unreachable=["SCRAM"])
    lines = properties("dedup-lab", "x")
    done, seen = answers(pod, kafka.programs, kafka.address("SCRAM"), lines, 1)
    assert not done
    wanted = f"broker 0 at 127.0.0.1:{kafka.nodes[0].advertised['SCRAM']}: ERROR: "
    assert seen.startswith(wanted)
    assert "DisconnectException (its advertised address cannot be reached)" in seen
