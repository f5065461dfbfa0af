"""Settings that are templates of Kafka's endpoint."""

import pytest

from ops.site.endpoint import Endpoint, check_parts, filled, filled_pattern, is_template

ENDPOINT = Endpoint("kafka.example", 9094, "dedup.lab")


def test_parts_are_filled_in_and_a_port_alone_is_a_number() -> None:
    value = {"a": ["{port}", "{host}:{port}"], "b": {"user": "{user}"}, "c": 7, "{port}": None}
    assert is_template(value)
    assert filled(value, ENDPOINT) == {
        "a": [9094, "kafka.example:9094"], "b": {"user": "dedup.lab"}, "c": 7, "{port}": None,
    }  # fmt: skip


def test_in_a_pattern_they_mean_themselves_and_its_braces_stay() -> None:
    pattern = r"ready \(\S{1,9}:{port}, user={user}\)"
    assert filled_pattern(pattern, ENDPOINT) == r"ready \(\S{1,9}:9094, user=dedup\.lab\)"


@pytest.mark.parametrize("value", ["x", r"\d{2,3}", {"{port}": 1}, [1, None], {}])
def test_what_names_no_part_is_no_template(value: object) -> None:
    assert not is_template(value)
    check_parts(value)


def test_a_part_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no \{prt\}; the endpoint has \{host\}, \{port\}, \{us"):
        check_parts({"a": ["{prt}"]})
